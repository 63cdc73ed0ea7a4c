/** The region of an annex on the map, with its corners as text. */

import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { MapView } from "../../ui/Map";
import { regionIn, spoken } from "./site";

export function SiteMap({ annex, label }: { annex: unknown; label: string }) {
  const { t } = useTranslation("leases");
  const content = useMemo(() => {
    const rings = regionIn(annex);
    return { regions: rings.length > 0 ? [rings] : [], track: [], marks: [] };
  }, [annex]);
  const [rings] = content.regions;
  if (!rings) return <p>{t("track.anywhere")}</p>;
  return (
    <>
      <MapView label={label} content={content} />
      <details>
        <summary>{t("sign.corners")}</summary>
        {rings.map((ring, at) => (
          <p key={at} className="mono">
            {ring.map(spoken).join("; ")}
          </p>
        ))}
      </details>
    </>
  );
}
