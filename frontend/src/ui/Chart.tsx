/** A chart, drawn when it is needed; the same figures stand beside it as text for those who cannot see it. */

import type { EChartsOption } from "echarts";
import { useEffect, useRef } from "react";
import { useAppearance } from "./theme";

export function Chart({ label, option }: { label: string; option: EChartsOption }) {
  const at = useRef<HTMLDivElement>(null);
  const { dark } = useAppearance();
  useEffect(() => {
    let gone = false;
    let end = () => {};
    import("./echarts").then(
      ({ draw, init }) => {
        if (gone || !at.current) return;
        const chart = init(at.current, dark ? "dark" : undefined);
        draw(chart, option);
        const watcher = new ResizeObserver(() => chart.resize());
        watcher.observe(at.current);
        end = () => {
          watcher.disconnect();
          chart.dispose();
        };
      },
      () => {}, // the service may be gone, and the figures are there
    );
    return () => {
      gone = true;
      end();
    };
  }, [option, dark]);
  return <div className="chart" ref={at} role="img" aria-label={label} />;
}
