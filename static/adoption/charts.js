// Draws a chart above every table[data-chart], from the table's own cells: whoever
// cannot see the chart reads the table, and the two cannot differ.
(function () {
  "use strict";

  const drawn = [];

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  }

  function text(cell) {
    // The head of a row may carry a chip after its name.
    return (cell.firstChild.textContent || cell.textContent).trim();
  }

  function rows(table) {
    return Array.from(table.tBodies[0].rows).map(function (row) {
      return {
        name: text(row.cells[0]),
        values: Array.from(row.querySelectorAll("[data-value]"), function (cell) {
          return Number(cell.dataset.value);
        }),
      };
    });
  }

  function palette() {
    // As many as there are channels, so that no two of them look the same.
    const others = [2, 3, 4, 5, 6, 7, 8, 9].map((number) => "--ad-series-" + number);
    return ["--ob-accent"].concat(others).map(colour);
  }

  function series(kind, table, found) {
    const colours = palette();
    if (kind !== "stack") {
      return {
        labels: found.map((row) => row.name),
        datasets: [
          {
            backgroundColor: colours[0],
            borderRadius: 4,
            data: found.map((row) => row.values[0]),
            maxBarThickness: 28,
          },
        ],
      };
    }
    return {
      labels: Array.from(table.querySelectorAll("th[data-x]"), text),
      datasets: found.map(function (row, i) {
        return {
          backgroundColor: colours[i % colours.length],
          data: row.values,
          label: row.name,
          maxBarThickness: 36,
        };
      }),
    };
  }

  function options(kind) {
    const line = { color: colour("--ob-line") };
    const ticks = { color: colour("--ob-faint"), precision: 0 };
    const across = kind === "bars";
    return {
      animation: false,
      indexAxis: across ? "y" : "x",
      maintainAspectRatio: false,
      plugins: {
        legend: {
          display: kind === "stack",
          labels: { boxWidth: 12, color: colour("--ob-faint") },
          position: "bottom",
        },
      },
      scales: {
        x: { beginAtZero: true, grid: across ? line : { display: false }, stacked: true, ticks: ticks },
        y: { beginAtZero: true, grid: across ? { display: false } : line, stacked: true, ticks: ticks },
      },
    };
  }

  function draw(table) {
    const kind = table.dataset.chart;
    const found = rows(table);
    if (!found.length || !found.some((row) => row.values.some(Boolean))) {
      return;
    }
    const frame = document.createElement("div");
    const canvas = document.createElement("canvas");
    frame.className = "ad-chart";
    frame.setAttribute("aria-hidden", "true");
    if (kind === "bars") {
      frame.style.setProperty("--ad-height", 3 + found.length * 2.25 + "rem");
    } else if (kind === "stack") {
      // Room for the legend, which needs several lines on a phone.
      frame.style.setProperty("--ad-height", "19rem");
    }
    frame.append(canvas);
    table.closest(".ob-scroll").before(frame);
    const chart = new window.Chart(canvas, {
      data: series(kind, table, found),
      options: options(kind),
      type: "bar",
    });
    drawn.push({ chart: chart, found: found, kind: kind, table: table });
  }

  function recolour() {
    drawn.forEach(function (one) {
      one.chart.data = series(one.kind, one.table, one.found);
      one.chart.options = options(one.kind);
      one.chart.update();
    });
  }

  if (!window.Chart) {
    return;
  }
  document.querySelectorAll("table[data-chart]").forEach(draw);
  new MutationObserver(recolour).observe(document.documentElement, {
    attributeFilter: ["class"],
  });
  window.addEventListener("beforeprint", () => drawn.forEach((one) => one.chart.resize()));
})();
