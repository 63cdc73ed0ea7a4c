/** Changing what the bank offers: proposals of the risk manager wait for their delay, tightening acts at once. */

import { Button, Modal } from "antd";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../../../api/me";
import { type Call, call } from "../../../chain/call";
import { useChain, useWallet } from "../../../chain/reader";
import { contract } from "../../../chain/suite";
import { Shown } from "../../../ui/Shown";
import { StructForm } from "../duties/StructForm";
import { type Struct, type Terms, isTighter } from "../duties/fields";
import { useDuty } from "../duties/useDuty";
import { DutyButton } from "../duties/DutyButton";

interface DialogProps {
  title: string;
  children: (close: () => void) => ReactNode;
}

/** A button and the dialog behind it; what it shows is read from the chain, so a wallet is needed. */
function Editor({ title, children }: DialogProps) {
  const { t } = useTranslation(["bank", "common"]);
  const [open, setOpen] = useState(false);
  const { reader } = useWallet();
  return (
    <>
      <Button
        size="small"
        disabled={!reader}
        title={reader ? undefined : t("common:send.needWallet")}
        onClick={() => setOpen(true)}
      >
        {t("policy.change")}
        <span className="unseen"> {title}</span>
      </Button>
      <Modal open={open} title={title} footer={null} onCancel={() => setOpen(false)} width={720} destroyOnHidden>
        {children(() => setOpen(false))}
      </Modal>
    </>
  );
}

/** The risk manager's button; what was typed is scheduled. */
function Propose<T extends Struct>({
  next,
  made,
  close,
}: {
  next: T | undefined;
  made: (next: T) => Call;
  close: () => void;
}) {
  const { t } = useTranslation("bank");
  const duty = useDuty();
  const mine = useMe()?.offices.includes("risk_manager") ?? false;
  return (
    <Button
      type="primary"
      disabled={!next || !mine}
      title={mine ? undefined : t("duty.whose", { office: t("offices.risk_manager") })}
      onClick={() => {
        close();
        duty(made(next!));
      }}
    >
      {t("policy.propose")}
    </Button>
  );
}

export function TermsEditor({ product, grade, title }: { product: number; grade: number; title: string }) {
  const { t } = useTranslation("bank");
  return (
    <Editor title={title}>
      {(close) => (
        <>
          <p className="muted">{t("policy.termsWhy")}</p>
          <TermsForm product={product} grade={grade} close={close} />
        </>
      )}
    </Editor>
  );
}

function TermsForm({ product, grade, close }: { product: number; grade: number; close: () => void }) {
  const { t } = useTranslation("bank");
  const duty = useDuty();
  const officer = useMe()?.offices.includes("risk_officer") ?? false;
  const present = useChain(["terms", product, grade], (reader) =>
    reader.readContract({ ...contract("RiskPolicy"), functionName: "termsOf", args: [product, grade] }),
  );
  return (
    <Shown of={present}>
      {(terms) => (
        <StructForm present={{ ...terms }}>
          {(next) => (
            <>
              <Propose
                next={next}
                close={close}
                made={(changed) => call("RiskPolicy", "setTerms", [product, grade, changed])}
              />
              <Button
                disabled={!officer || !next || !isTighter(next, terms)}
                title={officer ? undefined : t("duty.whose", { office: t("offices.risk_officer") })}
                onClick={() => {
                  close();
                  duty(call("RiskPolicy", "tightenTerms", [product, grade, next as Terms]));
                }}
              >
                {t("calls.tightenTerms.name")}
              </Button>
              {next && <span className="muted">{t(isTighter(next, terms) ? "policy.tighter" : "policy.looser")}</span>}
            </>
          )}
        </StructForm>
      )}
    </Shown>
  );
}

export function FacilityEditor({ debtor, open }: { debtor: number; open: boolean }) {
  const { t } = useTranslation(["bank", "common"]);
  return (
    <div className="row">
      <span>{t("policy.facilityOf", { party: t("common:party", { party: debtor }) })}</span>
      <Editor title={t("policy.facilityOf", { party: t("common:party", { party: debtor }) })}>
        {(close) => <FacilityForm debtor={debtor} close={close} />}
      </Editor>
      {open && <DutyButton office="risk_officer" danger call={() => call("Factoring", "closeFacility", [debtor])} />}
    </div>
  );
}

function FacilityForm({ debtor, close }: { debtor: number; close: () => void }) {
  const present = useChain(["facility", debtor], (reader) =>
    reader.readContract({ ...contract("Factoring"), functionName: "facilityOf", args: [debtor] }),
  );
  return (
    <Shown of={present}>
      {(facility) => (
        <StructForm present={{ ...facility }}>
          {(next) => (
            <Propose
              next={next}
              close={close}
              made={(changed) => call("Factoring", "setFacility", [debtor, changed])}
            />
          )}
        </StructForm>
      )}
    </Shown>
  );
}

export function LineConditionsEditor() {
  const { t } = useTranslation("bank");
  return <Editor title={t("policy.lines")}>{(close) => <LineConditionsForm close={close} />}</Editor>;
}

function LineConditionsForm({ close }: { close: () => void }) {
  const present = useChain(["lines"], (reader) =>
    reader.readContract({ ...contract("CreditLine"), functionName: "conditions" }),
  );
  return (
    <Shown of={present}>
      {(conditions) => (
        <StructForm present={{ ...conditions }}>
          {(next) => (
            <Propose next={next} close={close} made={(changed) => call("CreditLine", "setConditions", [changed])} />
          )}
        </StructForm>
      )}
    </Shown>
  );
}

export function LeaseConditionsEditor() {
  const { t } = useTranslation("bank");
  return <Editor title={t("policy.leases")}>{(close) => <LeaseConditionsForm close={close} />}</Editor>;
}

function LeaseConditionsForm({ close }: { close: () => void }) {
  const present = useChain(["leases"], (reader) =>
    reader.readContract({ ...contract("LeaseFinance"), functionName: "conditions" }),
  );
  return (
    <Shown of={present}>
      {(conditions) => (
        <StructForm present={{ ...conditions }}>
          {(next) => (
            <Propose next={next} close={close} made={(changed) => call("LeaseFinance", "setConditions", [changed])} />
          )}
        </StructForm>
      )}
    </Shown>
  );
}
