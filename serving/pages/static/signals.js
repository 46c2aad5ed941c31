/* Draws each measurement from the table beneath it, with failures marked; without this script the table is shown. */
"use strict";
(function () {
  const place = document.getElementById("signal-charts");
  const table = document.getElementById("signals-table");
  if (!place || !table || typeof uPlot === "undefined") return;
  const rows = Array.from(table.querySelectorAll("tbody tr"));
  const times = rows.map((row) => Number(row.dataset.at));
  const names = Array.from(table.querySelectorAll("thead th")).slice(1).map((cell) => cell.textContent);
  const failures = place.dataset.failures.trim().split(/\s+/).filter(Boolean).map(Number);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const last = Math.max(times[times.length - 1], ...failures);
  const day = new Intl.DateTimeFormat(place.dataset.language,
                                      { month: "numeric", day: "numeric", timeZone: place.dataset.zone });
  const axis = { stroke: colour("--quiet"), grid: { stroke: colour("--line"), width: 1 }, ticks: { show: false } };
  const marked = (plot) => {
    const context = plot.ctx;
    context.save();
    context.strokeStyle = context.fillStyle = colour("--bad");
    context.setLineDash([4, 4]);
    failures.filter((at) => at >= times[0]).forEach((at) => {
      const x = Math.round(plot.valToPos(at, "x", true));
      context.beginPath();
      context.moveTo(x, plot.bbox.top);
      context.lineTo(x, plot.bbox.top + plot.bbox.height);
      context.stroke();
      const right = x > plot.bbox.left + plot.bbox.width * 0.8;
      context.textAlign = right ? "right" : "left";
      context.fillText(place.dataset.failed, right ? x - 4 : x + 4, plot.bbox.top + 12);
    });
    context.restore();
  };
  document.querySelector("details.signals").open = false;
  names.forEach((name, index) => {
    const values = rows.map((row) => {
      const value = row.children[index + 1].dataset.value;
      return value === "" ? null : Number(value);
    });
    const figure = document.createElement("figure");
    figure.className = "signal";
    const caption = document.createElement("figcaption");
    caption.textContent = name;
    figure.append(caption);
    place.append(figure);
    const plot = new uPlot({
      width: figure.clientWidth,
      height: 130,
      legend: { show: false },
      cursor: { drag: { x: false, y: false } },
      axes: [{ ...axis, values: (_, marks) => marks.map((mark) => day.format(mark * 1000)), space: 70 },
             { ...axis, size: 56, space: 28 }],
      scales: { x: { range: () => [times[0], last > times[0] ? last : times[0] + 86400] } },
      series: [{}, { label: name, stroke: colour("--main"), width: 2, points: { show: rows.length < 40, size: 4 } }],
      hooks: { draw: [marked] },
    }, [times, values], figure);
    new ResizeObserver(() => plot.setSize({ width: figure.clientWidth, height: 130 })).observe(figure);
  });
})();
