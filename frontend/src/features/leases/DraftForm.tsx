/** The terms of a lease, filled in by one of the parties; the service keeps the annex, this page makes what is signed. */

import { Alert, Button, Card, Input } from "antd";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Hex, PublicClient } from "viem";
import { post } from "../../api/client";
import { useMe } from "../../api/me";
import { usePages } from "../../api/pages";
import { useSession } from "../../api/session";
import type { Draft, DraftRequest } from "../../api/schema";
import { FiguresDiffer } from "../../chain/failures";
import { useWallet } from "../../chain/reader";
import { contract } from "../../chain/suite";
import { Choice } from "../../ui/Choice";
import { FailureText } from "../../ui/FailureText";
import { SignIn } from "../../ui/SignIn";
import { fenOf } from "../../ui/format";
import { useFailure } from "../../ui/useFailure";
import { FileHash } from "../../ui/FileHash";
import { SiteMap } from "./SiteMap";
import { canonical, hashOfAnnex } from "./hash";
import { type Ring, circle, fromGeoJson } from "./region";
import { AMOUNTS, NUMBERS, type Packet, type Terms, tiersOf } from "./terms";

const RULES = "rules-1";
const TIMEZONE = "Asia/Shanghai";
const DAY_S = 86_400;
/** The region goes on after the last period, until the machine is back. */
const AFTER_DAYS = 60;

const BEGIN = {
  machine: "",
  lessee: "",
  price: "650,000.00",
  deposit: "30,000.00",
  buyOutPrice: "20,000.00",
  minimum: "12,000.00",
  cap: "32,000.00",
  periods: "26",
  periodDays: "14",
  dueDays: "7",
  cureDays: "10",
  lockNoticeDays: "3",
  latePercent: "18",
  goodDays: "7",
  latitude: "39.50",
  longitude: "116.30",
  radius: "1000",
  geoJson: "",
};
type FieldName = keyof typeof BEGIN;
type Where = "circle" | "geoJson" | "anywhere";
type TypedTier = { through: string; rate: string };

const TIERS: readonly TypedTier[] = [
  { through: "100", rate: "260.00" },
  { through: "250", rate: "215.00" },
  { through: "", rate: "170.00" },
];

export function DraftForm({ give }: { give: (packet: Packet) => void }) {
  const { t } = useTranslation("leases");
  const session = useSession();
  const { reader } = useWallet();
  const [typed, setTyped] = useState(BEGIN);
  const [tiers, setTiers] = useState(TIERS);
  const [where, setWhere] = useState<Where>("circle");
  const [document, setDocument] = useState<Hex>();
  const [wrong, setWrong] = useState(false);
  const [error, setError] = useState<unknown>();
  const failure = useFailure(error);
  if (!reader || session.data === null) return <SignIn />;
  const type = (name: FieldName) => (value: string) => setTyped({ ...typed, [name]: value });
  const region = regionOf(where, typed);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const filled = document && region !== undefined ? filledFrom(typed, tiers, document) : undefined;
    setWrong(!filled);
    setError(undefined);
    if (!filled || region === undefined) return;
    try {
      give(await drafted(reader, filled, region, t("sign.annex")));
    } catch (failed) {
      setError(failed);
    }
  };
  const field = (name: FieldName, label: string) => (
    <Field key={name} label={label} value={typed[name]} give={type(name)} />
  );
  return (
    <form className="stack" onSubmit={(event) => void submit(event)} noValidate>
      <div className="grid wide">
        <Card size="small" title={t("sign.who")}>
          <div className="stack">
            <MachineField value={typed.machine} give={type("machine")} />
            {field("lessee", t("sign.lessee"))}
            {AMOUNTS.map((name) => field(name, `${t(`terms.${name}`)} (${t("sign.yuan")})`))}
          </div>
        </Card>
        <Card size="small" title={t("sign.time")}>
          <div className="stack">
            {NUMBERS.map((name) => field(name, t(`sign.number.${name}`)))}
            {field("latePercent", t("sign.latePercent"))}
            {field("goodDays", t("sign.goodDays"))}
          </div>
        </Card>
        <Card size="small" title={t("rent.tiers")}>
          <TierFields tiers={tiers} give={setTiers} />
        </Card>
        <Card size="small" title={t("sign.region")}>
          <div className="stack">
            <Choice
              label={t("sign.region")}
              value={where}
              choose={setWhere}
              of={(["circle", "geoJson", "anywhere"] as const).map((one) => [one, t(`sign.where.${one}`)] as const)}
            />
            {where === "circle" &&
              (["latitude", "longitude", "radius"] as const).map((name) => field(name, t(`sign.${name}`)))}
            {where === "geoJson" && field("geoJson", t("sign.geoJson"))}
            {region && <SiteMap annex={{ region: { polygon: region } }} label={t("sign.region")} />}
          </div>
        </Card>
      </div>
      <FileHash label={t("sign.document")} hash={document} give={setDocument} />
      {wrong && <Alert type="error" showIcon title={t("sign.incomplete")} />}
      {failure && (
        <Alert type="error" showIcon title={t("sign.notDrafted")} description={<FailureText failure={failure} />} />
      )}
      <div>
        <Button type="primary" htmlType="submit">
          {t("sign.prepare")}
        </Button>
      </div>
    </form>
  );
}

function Field({ label, value, give }: { label: string; value: string; give: (value: string) => void }) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <Input id={id} value={value} onChange={(event) => give(event.target.value)} />
    </div>
  );
}

/** Machines of the signed-in party without a lease; any number may be typed by the lessee. */
function MachineField({ value, give }: { value: string; give: (value: string) => void }) {
  const { t } = useTranslation("leases");
  const me = useMe();
  const machines = usePages("/v1/machines", { party: me?.party }, { enabled: !!me?.party, whole: true });
  const free = machines.data?.filter(({ lease, holder }) => !lease && holder === me?.party) ?? [];
  return (
    <>
      <Field label={t("sign.machine")} value={value} give={give} />
      {free.length > 0 && (
        <div className="row">
          {free.map(({ machine }) => (
            <Button key={machine} size="small" onClick={() => give(String(machine))}>
              {t("machine", { machine })}
            </Button>
          ))}
        </div>
      )}
    </>
  );
}

function TierFields({ tiers, give }: { tiers: readonly TypedTier[]; give: (tiers: readonly TypedTier[]) => void }) {
  const { t } = useTranslation("leases");
  const change = (at: number, next: Partial<TypedTier>) => give(tiers.with(at, { ...tiers[at]!, ...next }));
  const last = tiers.length - 1;
  return (
    <div className="stack">
      <p className="muted">{t("sign.tiersWhy")}</p>
      {tiers.map(({ through, rate }, at) => (
        <div className="row" key={at}>
          {at < last && (
            <Field
              label={t("sign.through", { tier: at + 1 })}
              value={through}
              give={(value) => change(at, { through: value })}
            />
          )}
          <Field
            label={t(at < last ? "sign.rate" : "sign.lastRate", { tier: at + 1 })}
            value={rate}
            give={(value) => change(at, { rate: value })}
          />
        </div>
      ))}
      <div className="row">
        <Button size="small" disabled={last >= 7} onClick={() => give(tiers.toSpliced(last, 0, tiers[last]!))}>
          {t("sign.moreTiers")}
        </Button>
        <Button size="small" disabled={last === 0} onClick={() => give(tiers.toSpliced(last - 1, 1))}>
          {t("sign.fewerTiers")}
        </Button>
      </div>
    </div>
  );
}

/** Null: anywhere; undefined: what was given is no region. */
function regionOf(where: Where, typed: typeof BEGIN): Ring[] | null | undefined {
  if (where === "anywhere") return null;
  if (where === "geoJson") return fromGeoJson(typed.geoJson);
  const [longitude, latitude, radius] = [Number(typed.longitude), Number(typed.latitude), Number(typed.radius)];
  const fits = Math.abs(longitude) <= 180 && Math.abs(latitude) < 85 && radius > 0 && radius <= 100_000;
  return fits ? circle(longitude, latitude, radius) : undefined;
}

/** What the parties agree on, without what the chain adds. */
type Filled = Omit<Terms, "lessor" | "rulesHash" | "salt" | "deadline"> & { goodDays: number };

function filledFrom(typed: typeof BEGIN, tiers: readonly TypedTier[], documentHash: Hex): Filled | undefined {
  const amounts = AMOUNTS.map((name) => [name, fenOf(typed[name])] as const);
  const numbers = [...NUMBERS, "machine" as const, "lessee" as const, "goodDays" as const].map(
    (name) => [name, /^\d{1,9}$/.test(typed[name]) ? Number(typed[name]) : undefined] as const,
  );
  const late = Number(typed.latePercent);
  const steps = tiers.map(({ through, rate }, at) => ({
    throughTenths: at === tiers.length - 1 ? null : Math.round(Number(through) * 10),
    rate: fenOf(rate),
  }));
  const given = [...amounts, ...numbers, ...steps.map(({ rate }) => ["rate", rate] as const)];
  const isWhole = steps.every(({ throughTenths }) => throughTenths === null || throughTenths > 0);
  if (given.some(([, value]) => value === undefined) || !(late >= 0) || !isWhole) return undefined;
  return {
    ...(Object.fromEntries(amounts) as Record<(typeof AMOUNTS)[number], bigint>),
    ...(Object.fromEntries(numbers) as Record<(typeof NUMBERS)[number] | "machine" | "lessee" | "goodDays", number>),
    lateRateBps: Math.round(late * 100),
    tiers: tiersOf(steps.map(({ throughTenths, rate }) => ({ throughTenths, rate: rate ?? 0n }))),
    documentHash,
  };
}

/** Asks the service to keep the annex, and refuses an answer that is not about what was asked. */
async function drafted(
  reader: PublicClient,
  { goodDays, ...filled }: Filled,
  region: Ring[] | null,
  annexName: string,
): Promise<Packet> {
  const [owner, { timestamp }] = await Promise.all([
    reader.readContract({ ...contract("Equipment"), functionName: "ownerOf", args: [BigInt(filled.machine)] }),
    reader.getBlock(),
  ]);
  const lessor = await reader.readContract({ ...contract("Participants"), functionName: "partyOf", args: [owner] });
  const now = Number(timestamp);
  const validThrough = now + (filled.periods * filled.periodDays + AFTER_DAYS) * DAY_S;
  const annex = {
    rules: RULES,
    region: region && { polygon: region, validFrom: now, validThrough },
    timezone: TIMEZONE,
  };
  const terms = { ...filled, lessor, salt: newSalt(), deadline: now + goodDays * DAY_S };
  const draft = await post("/v1/leases/drafts", requestOf(terms, annex));
  requireOurs(annexName, annex, draft);
  return { terms: { ...terms, rulesHash: hashOfAnnex(draft.annex) }, annex: draft.annex, signed: {} };
}

/** The annex must say what was asked, with the hash of a rule set beside it, and be the one that is kept. */
function requireOurs(name: string, asked: object, { annex, rulesHash }: Draft): void {
  const { rulesHash: rules, ...rest } = annex;
  if (typeof rules !== "string" || canonical(rest) !== canonical(asked))
    throw new FiguresDiffer(name, canonical(rest), canonical(asked));
  const own = hashOfAnnex(annex);
  if (own !== rulesHash) throw new FiguresDiffer(name, rulesHash, own);
}

function requestOf(terms: Omit<Terms, "rulesHash">, annex: DraftRequest["annex"]): DraftRequest {
  const { price, deposit, buyOutPrice, minimum, cap, salt, tiers, lessor: _, ...rest } = terms;
  const last = tiers.length - 1;
  return {
    ...rest,
    price: String(price),
    deposit: String(deposit),
    buyOutPrice: String(buyOutPrice),
    minimum: String(minimum),
    cap: String(cap),
    salt: Number(salt),
    tiers: tiers.map(({ throughTenths, rate }, at) => ({
      throughTenths: at === last ? null : throughTenths,
      rate: String(rate),
    })),
    annex,
  };
}

/** 48 random bits: two leases with the same terms differ, and the number fits JSON. */
function newSalt(): bigint {
  const bytes = crypto.getRandomValues(new Uint8Array(6));
  return bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
}
