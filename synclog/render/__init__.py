"""Text for people: markdown, HTML, templates. Knows neither files of a workspace nor HTTP."""
