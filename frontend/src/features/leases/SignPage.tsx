/** Drafting a lease, and both signatures: the second party reads what the first one signed, and anyone relays both. */

import { Alert, Input, Tabs } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { FileInput } from "../../ui/FileInput";
import { Page } from "../../ui/Page";
import { DraftForm } from "./DraftForm";
import { LeaseNav } from "./LeaseNav";
import { PacketView } from "./PacketView";
import { type Packet, read } from "./terms";

export default function SignPage() {
  const { t } = useTranslation("leases");
  const [packet, setPacket] = useState<Packet>();
  return (
    <Page title={t("nav.sign")}>
      <LeaseNav />
      <p>{t("sign.intro")}</p>
      {packet ? (
        <PacketView packet={packet} change={setPacket} leave={() => setPacket(undefined)} />
      ) : (
        <Tabs
          items={[
            { key: "draft", label: t("sign.draft"), children: <DraftForm give={setPacket} /> },
            { key: "load", label: t("sign.load"), children: <Load give={setPacket} /> },
          ]}
        />
      )}
    </Page>
  );
}

function Load({ give }: { give: (packet: Packet) => void }) {
  const { t } = useTranslation("leases");
  const textId = useId();
  const [wrong, setWrong] = useState(false);
  const take = (text: string) => {
    const packet = read(text);
    if (packet) give(packet);
    setWrong(!packet && text.trim() !== "");
  };
  return (
    <div className="stack">
      <p>{t("sign.loadWhy")}</p>
      <FileInput
        label={t("sign.file")}
        accept="application/json,.json"
        choose={([file]) => void file?.text().then(take)}
      />
      <div className="field">
        <label htmlFor={textId}>{t("sign.paste")}</label>
        <Input.TextArea id={textId} rows={8} className="mono" onChange={(event) => take(event.target.value)} />
      </div>
      {wrong && <Alert type="error" showIcon title={t("sign.notAPacket")} />}
    </div>
  );
}
