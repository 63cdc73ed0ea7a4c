/** The parts of ECharts that are used. */

import type { EChartsOption } from "echarts";
import { BarChart, LineChart, PieChart, TreeChart } from "echarts/charts";
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from "echarts/components";
import { type EChartsType, init, use as register } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

register([
  BarChart,
  LineChart,
  PieChart,
  TreeChart,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
  SVGRenderer,
]);

/** Axes of time are in Beijing's, wherever the browser is: their figures come from `onAxis`. */
export function draw(chart: EChartsType, option: EChartsOption): void {
  chart.setOption({ animation: false, backgroundColor: "transparent", useUTC: true, ...option });
}

export { init };
