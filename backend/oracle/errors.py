"""Why a report is not made or not signed, each by name.

HeqiError
├── ModelUnusable                                                   the model in use
│   └── ModelNotRegistered, ModelNotApproved, ModelHashDiffers, ModelWithdrawn, ModelExpired
├── ReportsStopped                                                  the oracle as a whole
├── ProposalInvalid, ProposalTooLarge                               a request to a signer
└── Refusal                                                         what a signer does not vouch for
    ├── RoundWrong, SignerSetChanged, ModelDiffers                  the batch
    ├── FactsNotOfNow, DeadlineTooFar, ValidityDiffers              its times
    ├── PartyTwice, FilingUnknown, ConsentNotGiven, RecordDiffers   its records
    └── ScoredFromStatements, RecordsUnknown, DataStale, HistoryBehind, NotEvaluated      those of merchants
"""

from backend.errors import HeqiError


class ModelUnusable(HeqiError):
    """No score is made until the model is replaced."""

    status = 503


class ModelNotRegistered(ModelUnusable):
    notice_en = "Model {model} is not registered with the CreditOracle."
    notice_zh = "模型 {model} 尚未在 CreditOracle 登记。"


class ModelNotApproved(ModelUnusable):
    notice_en = "Model {model} is registered; a second officer has not approved it yet."
    notice_zh = "模型 {model} 已登记，但尚未经第二名人员批准。"


class ModelHashDiffers(ModelUnusable):
    notice_en = "Model {model} is registered with hash {registered}, but this release carries {shipped}."
    notice_zh = "模型 {model} 登记的哈希为 {registered}，而本版本自带的为 {shipped}。"


class ModelWithdrawn(ModelUnusable):
    notice_en = "Model {model} has been retired on chain; a successor must be registered."
    notice_zh = "模型 {model} 已在链上停用，须登记新模型。"


class ModelExpired(ModelUnusable):
    notice_en = "Model {model} was valid until {expires_on}; today is {today}."
    notice_zh = "模型 {model} 的有效期至 {expires_on}，今日为 {today}。"


class ReportsStopped(HeqiError):
    notice_en = "Score reports are paused on chain."
    notice_zh = "评分报告已在链上暂停。"
    status = 503


class ProposalInvalid(HeqiError):
    notice_en = "The proposal is not usable: {place}: {rule}."
    notice_zh = "报告提案无效：{place}：{rule}。"
    status = 400


class ProposalTooLarge(HeqiError):
    notice_en = "The proposal has {length} bytes; at most {most} are read."
    notice_zh = "报告提案为 {length} 字节，最多接受 {most} 字节。"
    status = 413


class Refusal(HeqiError):
    """A signer does not vouch for a proposal."""

    status = 409


class RoundWrong(Refusal):
    notice_en = "The proposal is for round {round}; the next one is {next}."
    notice_zh = "提案轮次为 {round}，下一轮应为 {next}。"


class SignerSetChanged(Refusal):
    notice_en = "The proposal is for signer set {proposed}; the set in force is {current}."
    notice_zh = "提案对应签名组 {proposed}，现行签名组为 {current}。"


class ModelDiffers(Refusal):
    notice_en = "The proposal was made with model {proposed}; this signer knows {own}."
    notice_zh = "提案使用模型 {proposed}，本签名者仅使用 {own}。"


class FactsNotOfNow(Refusal):
    notice_en = "The facts are said to be of {issued_at}; the chain is at {now}, and {oldest} is the earliest."
    notice_zh = "提案的数据时间为 {issued_at}，链上时间为 {now}，最早只接受 {oldest}。"


class DeadlineTooFar(Refusal):
    notice_en = "The proposal may be relayed until {deadline}; {latest} is the latest."
    notice_zh = "提案上链截止时间为 {deadline}，最晚只接受 {latest}。"


class ValidityDiffers(Refusal):
    notice_en = "The scores would be valid until {proposed}; {expected} is right."
    notice_zh = "提案的评分有效期至 {proposed}，应为 {expected}。"


class PartyTwice(Refusal):
    notice_en = "Party {party} stands in the proposal twice."
    notice_zh = "提案中参与方 {party} 重复出现。"


class FilingUnknown(Refusal):
    notice_en = "This signer has no statement of party {party} filed by {issued_at}."
    notice_zh = "本签名者没有参与方 {party} 在 {issued_at} 之前报送的报表。"


class ConsentNotGiven(Refusal):
    notice_en = "Party {party} does not consent to being scored."
    notice_zh = "参与方 {party} 未同意接受评分。"


class RecordDiffers(Refusal):
    notice_en = "Party {party}: the proposal says {field} {proposed}, this signer finds {own}."
    notice_zh = "参与方 {party}：提案的 {field} 为 {proposed}，本签名者计算结果为 {own}。"


class ScoredFromStatements(Refusal):
    notice_en = "Party {party} filed statements and is scored from those, not as a merchant."
    notice_zh = "参与方 {party} 已报送报表，按报表评分，不作为商户评分。"


class RecordsUnknown(Refusal):
    notice_en = "This signer has no business records of party {party} known by {issued_at}."
    notice_zh = "本签名者没有参与方 {party} 在 {issued_at} 之前的经营数据。"


class DataStale(Refusal):
    notice_en = (
        "The newest business records of party {party} came at {received_at}; a score may use them until {until}."
    )
    notice_zh = "参与方 {party} 最近一次经营数据接收于 {received_at}，仅可用于 {until} 之前的评分。"


class HistoryBehind(Refusal):
    notice_en = "The read model knows reports about party {party} up to sequence {known}; the chain is at {sequence}."
    notice_zh = "读模型中参与方 {party} 的评分记录至序号 {known}，链上已至 {sequence}。"


class NotEvaluated(Refusal):
    notice_en = "Party {party} could not be evaluated here: {error}."
    notice_zh = "本地无法评估参与方 {party}：{error}。"
