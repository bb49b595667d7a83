// Draws the curves with uPlot, in the colours of the page's style; again when the theme or the width changes.
(() => {
  const { epochs, panels } = JSON.parse(document.getElementById("history").textContent);
  const places = [...document.querySelectorAll(".curves > div")];

  function draw() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(`--${name}`).trim();
    const axis = {
      stroke: colour("muted"),
      grid: { stroke: colour("line"), width: 1 },
      ticks: { show: false },
      font: "12px system-ui, sans-serif",
    };
    places.forEach((place, index) => {
      place.querySelector(".uplot")?.remove();
      const { series } = panels[index];
      const lines = series.map(({ label, colour: name }) => ({
        label,
        stroke: colour(name),
        width: 2,
        points: { show: true, size: 6, fill: colour(name) },
        value: (_plot, value) => (value == null ? "–" : value.toFixed(4)),
      }));
      const options = {
        width: place.clientWidth,
        height: 260,
        scales: { x: { time: false, range: (_plot, least, most) => [least - 0.3, most + 0.3] } },
        axes: [
          { ...axis, size: 30, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
          { ...axis, size: 46 },
        ],
        series: [{ label: "epoch" }, ...lines],
        cursor: { drag: { x: false, y: false } },
        // The legend shows the epoch under the pointer, and the last one when there is no pointer.
        hooks: { setCursor: [(plot) => plot.cursor.idx ?? plot.setLegend({ idx: epochs.length - 1 })] },
      };
      const plot = new uPlot(options, [epochs, ...series.map(({ values }) => values)], place);
      plot.setLegend({ idx: epochs.length - 1 });
    });
  }

  let width = 0;
  new ResizeObserver(() => {
    if (places[0].clientWidth === width) return;
    width = places[0].clientWidth;
    draw();
  }).observe(places[0]);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
