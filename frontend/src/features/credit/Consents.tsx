/** The consent centre: what each text says, what the wallet signs of it, whether it is in force, and how it was before. */

import { Alert, Button } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Consent, ConsentText } from "../../api/schema";
import { useApi } from "../../api/query";
import { useMe } from "../../api/me";
import { useChain, useWallet } from "../../chain/reader";
import { useInLanguage } from "../../text";
import { useAct } from "../../ui/Actions";
import { ConnectButton } from "../../ui/Connect";
import { Figures } from "../../ui/Figures";
import { Shown } from "../../ui/Shown";
import { Table } from "../../ui/Table";
import { Copyable } from "../../ui/links";
import { time } from "../../ui/format";
import { Badge } from "./Badge";
import { CreditPage, Section } from "./Frame";
import { Prose } from "./Prose";
import { grant, hashOf, revoke } from "./actions";
import { PURPOSES, type Purpose, consentOf } from "./chain";

const ALL = Object.keys(PURPOSES) as Purpose[];

export default function Consents() {
  const { t } = useTranslation("credit");
  const texts = useApi("/v1/consent-texts");
  const { account } = useWallet();
  const party = useMe()?.party;
  return (
    <CreditPage title={t("consent.title")}>
      <p>{t("consent.about")}</p>
      {!account && <Alert type="info" showIcon title={t("consent.connect")} description={<ConnectButton />} />}
      {party === 0 && <Alert type="info" showIcon title={t("mine.noParty")} description={t("mine.admission")} />}
      <Shown of={texts}>
        {({ items }) => (
          <>
            <div className="halves">
              {ALL.map((purpose) => (
                <OfPurpose
                  key={purpose}
                  purpose={purpose}
                  texts={items.filter((text) => text.purpose === purpose)}
                  party={party || undefined}
                />
              ))}
            </div>
            {!!party && <Past party={party} texts={items} />}
          </>
        )}
      </Shown>
    </CreditPage>
  );
}

interface OfPurposeProps {
  purpose: Purpose;
  /** The newest first. */
  texts: readonly ConsentText[];
  party: number | undefined;
}

function OfPurpose({ purpose, texts, party }: OfPurposeProps) {
  const { t } = useTranslation("credit");
  const current = texts.find((text) => text.current);
  const earlier = texts.filter((text) => !text.current);
  return (
    <section className="card stack" aria-label={t(`purpose.${purpose}`)}>
      <h2>{t(`purpose.${purpose}`)}</h2>
      <Figures
        of={[
          [t("consent.allowsTitle"), t(`consent.allows.${purpose}`)],
          [t("consent.withoutTitle"), t(`consent.without.${purpose}`)],
        ]}
      />
      {current && <TextOf text={current} open={t("consent.read", { version: current.version })} />}
      {current && party && <Deciding party={party} purpose={purpose} text={current} />}
      {earlier.map((text) => (
        <TextOf key={text.version} text={text} open={t("consent.earlier", { version: text.version })} />
      ))}
    </section>
  );
}

function TextOf({ text, open }: { text: ConsentText; open: string }) {
  const { t } = useTranslation("credit");
  const inLanguage = useInLanguage();
  const hash = hashOf(text.text);
  return (
    <>
      <details>
        <summary>{open}</summary>
        <Prose text={inLanguage(text.text)} />
      </details>
      <p className="why">
        {t("consent.hash")} <span className="mono">{hash}</span>
      </p>
      {hash !== text.hash && <Alert type="error" showIcon title={t("consent.hashDiffers", { said: text.hash })} />}
    </>
  );
}

function Deciding({ party, purpose, text }: { party: number; purpose: Purpose; text: ConsentText }) {
  const { t } = useTranslation("credit");
  const act = useAct();
  const id = useId();
  const [read, setRead] = useState(false);
  const consent = useChain(["consent", party, purpose], (reader) => consentOf(reader, party, purpose));
  return (
    <Shown of={consent}>
      {([epoch, given]) =>
        given ? (
          <div className="row">
            <Badge tone="good">{t("consent.inForce", { epoch })}</Badge>
            <Button danger onClick={() => act(revoke(t, party, purpose))}>
              {t("consent.revoke")}
            </Button>
          </div>
        ) : (
          <>
            <div className="row">
              <Badge>{t(epoch ? "consent.withdrawn" : "consent.never")}</Badge>
            </div>
            <div className="row">
              <input id={id} type="checkbox" checked={read} onChange={({ target }) => setRead(target.checked)} />
              <label htmlFor={id}>{t("consent.haveRead")}</label>
            </div>
            <div>
              <Button
                type="primary"
                disabled={!read}
                onClick={() => act(grant(t, party, purpose, text.text, text.hash))}
              >
                {t("consent.grant")}
              </Button>
            </div>
          </>
        )
      }
    </Shown>
  );
}

function Past({ party, texts }: { party: number; texts: readonly ConsentText[] }) {
  const { t } = useTranslation("credit");
  const consents = useApi("/v1/parties/{party}/consents", { party });
  return (
    <Section title={t("consent.history")}>
      <Shown of={consents}>
        {({ items }) =>
          items.length ? (
            <History consents={items} texts={texts} party={party} />
          ) : (
            <p className="muted">{t("consent.noHistory")}</p>
          )
        }
      </Shown>
    </Section>
  );
}

interface HistoryProps {
  consents: readonly Consent[];
  texts: readonly ConsentText[];
  party: number;
}

function History({ consents, texts, party }: HistoryProps) {
  const { t } = useTranslation("credit");
  const version = ({ textHash }: Consent) => {
    const found = texts.find(({ hash }) => hash === textHash);
    return found ? t("consent.version", { version: found.version }) : t("consent.otherText");
  };
  return (
    <Table
      label={t("consent.history")}
      rows={consents.toReversed()}
      rowKey={({ purpose, epoch }) => `${purpose} ${epoch}`}
      file={`consents-${party}`}
      columns={[
        {
          title: t("consent.what"),
          show: ({ purpose }) => t(`purpose.${purpose}`),
          plain: ({ purpose }) => t(`purpose.${purpose}`),
        },
        { title: t("consent.epoch"), numeric: true, show: ({ epoch }) => epoch, plain: ({ epoch }) => epoch },
        { title: t("consent.text"), show: version, plain: version },
        {
          title: t("consent.granted"),
          show: ({ grantedAt }) => grantedAt && time(grantedAt),
          plain: ({ grantedAt }) => (grantedAt ? time(grantedAt) : ""),
        },
        {
          title: t("consent.revoked"),
          show: ({ revokedAt }) => (revokedAt ? time(revokedAt) : "–"),
          plain: ({ revokedAt }) => (revokedAt ? time(revokedAt) : ""),
        },
        {
          title: t("consent.hash"),
          show: ({ textHash }) => <Copyable text={textHash} />,
          plain: ({ textHash }) => textHash,
        },
      ]}
    />
  );
}
