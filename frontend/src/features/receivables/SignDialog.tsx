/** A confirmation signed without a transaction: the figures from the chain, the signature, and the text to pass on. */

import { useMutation } from "@tanstack/react-query";
import { Button, Modal } from "antd";
import { useTranslation } from "react-i18next";
import { useConnectorClient } from "wagmi";
import type { Receivable } from "../../api/schema";
import { useChain } from "../../chain/reader";
import { Effects } from "../../ui/Effects";
import { FailureText } from "../../ui/FailureText";
import { Shown } from "../../ui/Shown";
import { download } from "../../ui/csv";
import { time } from "../../ui/format";
import { useFailure } from "../../ui/useFailure";
import { type Confirmation, confirmationOf } from "./facts";
import { confirmationEffects } from "./origination";
import { GOOD_FOR_S, signConfirmation, written } from "./signature";
import { useWords } from "./words";

export function SignDialog({ of, close }: { of: Receivable; close: () => void }) {
  const t = useWords();
  const found = useChain(["confirmation", of.id], async (reader) => {
    const [confirmation, { timestamp }] = await Promise.all([confirmationOf(reader, of, t), reader.getBlock()]);
    return { confirmation, deadline: timestamp + GOOD_FOR_S };
  });
  return (
    <Modal open title={t("receivables:confirm.signTitle", { id: of.id })} onCancel={close} footer={null}>
      <Shown of={found}>
        {({ confirmation, deadline }) => <Signing of={confirmation} debtor={of.debtor} deadline={deadline} />}
      </Shown>
    </Modal>
  );
}

function Signing({ of, debtor, deadline }: { of: Confirmation; debtor: number; deadline: bigint }) {
  const t = useWords();
  const { t: common } = useTranslation("common");
  const { data: client } = useConnectorClient();
  const sign = useMutation({
    mutationFn: async () => client && written(await signConfirmation(client, of, debtor, deadline)),
  });
  const failure = useFailure(sign.error);
  if (sign.data) return <Signed text={sign.data} id={of.id} />;
  return (
    <div className="stack">
      <p>{t("receivables:confirm.signWhy")}</p>
      <Effects
        of={[...confirmationEffects(t, [of]), { label: t("receivables:act.deadline"), value: time(deadline) }]}
        fee={undefined}
      />
      {failure && <FailureText failure={failure} />}
      <div>
        <Button type="primary" loading={sign.isPending} disabled={!client} onClick={() => sign.mutate()}>
          {common("send.sign")}
        </Button>
      </div>
    </div>
  );
}

function Signed({ text, id }: { text: string; id: bigint }) {
  const t = useWords();
  const save = () => download(`confirmation-${id}.json`, text, "application/json");
  return (
    <div className="stack">
      <p role="status">{t("receivables:confirm.signed")}</p>
      <label className="entry">
        <span>{t("receivables:relay.text")}</span>
        <textarea className="mono" rows={8} readOnly value={text} />
      </label>
      <div className="row">
        <Button type="primary" onClick={() => void navigator.clipboard.writeText(text)}>
          {t("common:copy")}
        </Button>
        <Button onClick={save}>{t("receivables:confirm.save")}</Button>
      </div>
    </div>
  );
}
