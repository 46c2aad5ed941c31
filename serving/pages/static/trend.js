/* Draws the course of a risk from the table beneath it; without this script the table alone is shown. */
"use strict";
(function () {
  const chart = document.getElementById("chart");
  const rows = Array.from(document.querySelectorAll("#trend-table tbody tr"));
  if (!chart || rows.length < 2 || typeof uPlot === "undefined") return;
  const times = rows.map((row) => Number(row.dataset.at));
  const shares = rows.map((row) => Number(row.dataset.probability));
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const percent = (value) => Math.round(value * 100) + "%";
  const day = new Intl.DateTimeFormat(chart.dataset.language, { month: "numeric", day: "numeric" });
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const options = () => ({
    width: chart.clientWidth,
    height: 220,
    legend: { show: false },
    cursor: { drag: { x: false, y: false } },
    scales: { y: { range: [0, 1] } },
    axes: [
      { ...axis, values: (_, marks) => marks.map((mark) => day.format(mark * 1000)), space: 70 },
      { ...axis, values: (_, marks) => marks.map(percent), size: 48 },
    ],
    series: [{}, {
      label: chart.dataset.label,
      stroke: colour("--main"),
      fill: colour("--main") + "22",
      width: 2,
      points: { show: true, size: 7 },
      value: (_, value) => (value == null ? "" : percent(value)),
    }],
  });
  const plot = new uPlot(options(), [times, shares], chart);
  document.querySelector("details.trend").open = false;
  new ResizeObserver(() => plot.setSize({ width: chart.clientWidth, height: 220 })).observe(chart);
})();
