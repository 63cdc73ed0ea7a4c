import type { Texts } from "../texts";
import type { next as zh } from "../zh/next";

export const next: Texts<typeof zh> = {
  again: "Conditions have changed or run out: get a new quote, check it, and sign that.",
  amount: "Change the amount and try again.",
  line: "See how the line stands now: while it is overdue or in default nothing can be drawn, but payments are taken; money that comes after a write-off is taken too, as recovery.",
  funds: "The wallet holds too little: top it up, or lower the amount.",
  quota: "The bank's funds or limits are used up at present: try later, or a lower amount.",
  wait: "The day for this has not come: try again after the day named above.",
  financed: "It can be financed again once the present financing is repaid: see “Financing” on its page.",
  score: "Fresher facts are needed: see that consent is given and data still arrive; it usually takes minutes.",
  consent: "Give your consent first, under Merchant credit → Consent centre.",
  confirm:
    "Only a confirmed receivable that is neither split nor settled can be financed: have the debtor confirm it first.",
  bank: "The bank has to act: ask your account manager.",
  compliance: "Have compliance verify you, or use a wallet that is verified.",
  pay: "Pay what is owed first.",
  wallet: "Switch to the wallet that may do this.",
  dispute: "Nothing goes on before the dispute is settled: talk to the other side.",
  machine: "Look at the machine's alarms; when they are over and the machine reports, this works again.",
  schedule: "This has to be scheduled and takes effect after a delay: enter it under Bank → Review queue.",
  role: "Your account lacks the role for this; somebody who holds it has to act.",
  input: "Correct what is named above and try again.",
  changed: "Things have changed meanwhile: reload to see how they stand.",
  gas: "Raise the gas limit and try again.",
  operator: "This is a technical problem: tell the operator the name of the error.",
  consentAnew:
    "Consent to scoring under Merchant credit → Consents; a consent from before the data were erased has to be withdrawn first, then given anew.",
  signIn: "Sign in with your wallet first.",
  later: "Try again later.",
  none: "Check your input and try again.",
};
