"""Pull: Syncro into files. Lists say what changed, details are read, files are written whole and committed by Syncro.

What a technician wrote and did not commit is committed first, as the technician. A file that is not valid is left as
it is and named. Absence is not deletion: no file is ever removed here.
"""

from synclog.app.pull.result import PullResult
from synclog.app.pull.run import pull

__all__ = ["PullResult", "pull"]
