import type { Texts } from "../texts";
import type { help as zh } from "../zh/help";

export const help: Texts<typeof zh> = {
  title: "Help",
  nav: { label: "Help pages", guide: "Guide", glossary: "Glossary", errors: "Messages", privacy: "Privacy and safety" },
  guide: {
    title: "Guide",
    intro:
      "Heqi keeps rights, debts and the conditions of payouts on chain. You sign with your own wallet; Heqi holds no key of yours and cannot move your money.",
    how: "Before every signature",
    howSteps: {
      check:
        "The page reads the figures from the chain and says what you get or pay, when it is due, and how it comes about.",
      sign: "Sign in your wallet when all is right. When in doubt, cancel: nothing changes.",
      after: "What became of it is under Account → My transactions. A refusal says why, and what you can do.",
    },
    roles: "By role",
    supplier: "Supplier",
    supplierText:
      "Register a receivable → the core enterprise confirms it → look at the quote → sign, and the money arrives in the same block. Or split it and pass parts on to your own suppliers.",
    core: "Core enterprise",
    coreText:
      "Confirm under Confirm, one by one, in batches or by a signature; pay under Obligations when due; raise a dispute or issue a credit note where something is wrong.",
    merchant: "Merchant",
    merchantText:
      "Consent to the use of your data → upload records → get a score and a limit → draw and repay any day. Withdrawing consent stops new money, never repayment.",
    lessee: "Lessee and manufacturer",
    lesseeText:
      "The manufacturer registers the machine and binds its device; both sign the lease; the rent per hour falls with use. A machine that leaves its region, is tampered with or falls silent stops new money.",
    bank: "Bank",
    bankText:
      "What loosens is scheduled and takes effect after a delay, what tightens at once. The guardian can pause payouts; nobody can stop a repayment.",
    auditor: "Auditor",
    auditorText:
      "Without a wallet: the whole story of any receivable, the check for double financing, scores with their signers, changes of parameters, and exports with a manifest of hashes, all under Audit.",
  },
  glossary: {
    title: "Glossary",
    search: "Find a term",
    zh: "Chinese",
    en: "English",
    identifier: "Identifier",
    none: "No term matches.",
  },
  errors: {
    title: "Messages",
    intro:
      "When a contract refuses, it names the reason. These are all the names, what they mean, and what you can do.",
    search: "Find a name or a text",
    code: "Name",
    text: "Meaning",
    next: "What to do",
  },
  privacy: {
    title: "Privacy and safety",
    chain:
      "Public, on chain: party numbers, receivables, limits, the value of scores, alarms, consents, and hashes of files and data.",
    local:
      "Never on chain: business records, documents, positions of machines. Only you and the bank's officers see them, signed in.",
    computing:
      "Data usable, not visible: three signers recompute every score, and only a majority's signatures count; when institutions train a model together, their data stay with them.",
    erase:
      "Export or erase your private data under Merchant credit → Data. What is on chain cannot be erased, so only hashes are there.",
    keys: "Tell nobody your key or recovery phrase. This page never asks for it.",
    page: "This page loads nothing from other sites. The contracts' addresses were built into it, so that no server can change what you sign for.",
  },
};
