import { afterEach, expect, test, vi } from "vitest";
import { draw, init } from "./echarts";
import { onAxis } from "./format";

afterEach(() => vi.unstubAllEnvs());

test.each(["America/New_York", "Asia/Shanghai", "Pacific/Auckland"])("an axis of time is Beijing's in %s", (zone) => {
  vi.stubEnv("TZ", zone);
  expect(new Date(0).getTimezoneOffset()).toBe({ "America/New_York": 300, "Asia/Shanghai": -480 }[zone] ?? -720);
  const chart = init(null, undefined, { renderer: "svg", ssr: true, width: 900, height: 300 });
  draw(chart, {
    xAxis: { type: "time", axisLabel: { formatter: "{MM}-{dd} {HH}:{mm}" } },
    yAxis: { type: "value" },
    series: [
      {
        type: "line",
        data: [
          [onAxis("2026-11-21T16:00:00Z"), 1],
          [onAxis("2026-11-22T16:00:00Z"), 2],
          [onAxis("2026-11-23"), 3],
        ],
      },
    ],
  });
  const labels = [...chart.renderToSVGString().matchAll(/>(\d\d-\d\d \d\d:\d\d)</g)]
    .map(([, label]) => label)
    .toSorted();
  expect(labels[0]).toBe("11-22 00:00");
  expect(labels.at(-1)).toBe("11-23 00:00");
  chart.dispose();
});
