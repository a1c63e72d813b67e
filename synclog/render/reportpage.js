// Tables sort by the column whose head is clicked: numbers by `data-value`, the rest as text; again turns the order.
document.querySelectorAll("table.sorts").forEach(function (table) {
  table.querySelectorAll("thead th").forEach(function (head, column) {
    head.tabIndex = 0;
    function sort() {
      var up = head.getAttribute("aria-sort") !== "ascending";
      table.querySelectorAll("thead th").forEach(function (other) { other.removeAttribute("aria-sort"); });
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      var body = table.tBodies[0];
      Array.from(body.rows).map(function (row) {
        var cell = row.cells[column];
        var value = cell.dataset.value;
        return { row: row, key: value === undefined ? cell.textContent.toLocaleLowerCase() : Number(value) };
      }).sort(function (a, b) {
        var order = typeof a.key === "number" && typeof b.key === "number" ? a.key - b.key
          : String(a.key).localeCompare(String(b.key));
        return up ? order : -order;
      }).forEach(function (entry) { body.appendChild(entry.row); });
    }
    head.addEventListener("click", sort);
    head.addEventListener("keydown", function (event) { if (event.key === "Enter") { sort(); } });
  });
});
