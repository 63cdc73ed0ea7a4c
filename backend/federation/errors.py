"""Why a message, a session or a log is refused, each by name.

HeqiError
└── FederationError
    ├── KeyFileUnusable, RosterUnusable, ConsentsUnusable, GridMissing     what a process starts from
    ├── MessageInvalid, MessageTooLarge, SignerUnknown, SignatureWrong     a message as such
    ├── StartStale, StartReplayed, TermsDiffer, TooFewParticipants,
    │   ParticipantUnknown, ParticipantTwice, RowsUnusable, TooFewRows     the start of a session
    ├── SessionUnknown, KeysForeign, KeyUnusable                           its keys
    ├── RoundOutOfOrder, RequestUnusable, ValueOutOfRange, CellTooSmall    a round, at an institution
    ├── AnswerForeign, AnswerTwice, AnswersMissing                         a round, at the coordinator
    ├── ParticipantLost, ParticipantRefused, SumImplausible, NotConverged  why a run is aborted
    └── LogUnreadable, LogBroken, LogUnfinished                            a run log
"""

from backend.errors import HeqiError


class FederationError(HeqiError):
    """Base of the errors of this package."""

    status = 409


# What a process starts from


class KeyFileUnusable(FederationError):
    notice_en = "The key file {path} cannot be used: {rule}."
    notice_zh = "密钥文件 {path} 无法使用：{rule}。"


class RosterUnusable(FederationError):
    notice_en = "The roster {path} cannot be used: {rule}."
    notice_zh = "成员名册 {path} 无法使用：{rule}。"


class ConsentsUnusable(FederationError):
    notice_en = "The list of consents {path} cannot be used: {rule}."
    notice_zh = "授权清单 {path} 无法使用：{rule}。"


class GridMissing(FederationError):
    notice_en = "Feature {feature} has unit {unit}, for which no public grid is agreed."
    notice_zh = "特征 {feature} 的单位为 {unit}，尚无约定的公开网格。"


# A message as such


class MessageInvalid(FederationError):
    notice_en = "The message is not usable: {place}: {rule}."
    notice_zh = "消息无效：{place}：{rule}。"
    status = 400


class MessageTooLarge(FederationError):
    notice_en = "The message is larger than {most} bytes."
    notice_zh = "消息超过 {most} 字节。"
    status = 413


class SignerUnknown(FederationError):
    notice_en = "{signer} is not on the roster for messages of kind {kind}."
    notice_zh = "{signer} 不在名册中，不得发送 {kind} 类消息。"
    status = 403


class SignatureWrong(FederationError):
    notice_en = "The {kind} message is not signed with the key that the roster has for {signer}."
    notice_zh = "{kind} 消息的签名与名册中 {signer} 的密钥不符。"
    status = 403


# The start of a session


class StartStale(FederationError):
    notice_en = "The session was started at {started_at}; this clock shows {now}, and {tolerance} seconds are allowed."
    notice_zh = "会话启动时间为 {started_at}，本机时间为 {now}，只允许相差 {tolerance} 秒。"


class StartReplayed(FederationError):
    notice_en = "Session {session} has been started before."
    notice_zh = "会话 {session} 曾经启动过。"


class TermsDiffer(FederationError):
    notice_en = "The session's terms differ from the institution's own in {term}: {proposed} instead of {own}."
    notice_zh = "会话条款 {term} 与本机构不一致：对方为 {proposed}，本机构为 {own}。"


class TooFewParticipants(FederationError):
    notice_en = "{count} institutions take part; with fewer than {least} a sum would tell one's figures to another."
    notice_zh = "只有 {count} 家机构参与；少于 {least} 家时，汇总会使一家的数据被另一家得知。"


class ParticipantUnknown(FederationError):
    notice_en = "{name} is not on this institution's roster with that key, or this institution is not among the others."
    notice_zh = "{name} 及其密钥不在本机构名册中，或参与方中没有本机构。"


class ParticipantTwice(FederationError):
    notice_en = "{name} takes part more than once, under one name or one key."
    notice_zh = "{name} 以同一名称或同一密钥重复参与。"


class RowsUnusable(FederationError):
    """What is wrong with them stays in the institution's own log: it would quote the rows."""

    notice_en = "The institution cannot read its own rows; its log tells why."
    notice_zh = "本机构无法读取自有数据，原因见本机构日志。"
    status = 500


class TooFewRows(FederationError):
    notice_en = "The institution has too few rows whose parties consent to training; at least {least} are needed."
    notice_zh = "本机构同意用于训练的数据行不足，至少需要 {least} 行。"


# Its keys


class SessionUnknown(FederationError):
    notice_en = "The institution is not in session {session}, or not any more."
    notice_zh = "本机构不在会话 {session} 中，或该会话已结束。"
    status = 404


class KeysForeign(FederationError):
    notice_en = "The key offers are not one of each participant of this session: {rule}."
    notice_zh = "密钥要约与本会话的参与方不一一对应：{rule}。"


class KeyUnusable(FederationError):
    notice_en = "The key that {name} offers cannot be agreed with."
    notice_zh = "无法与 {name} 提供的密钥完成协商。"


# A round, at an institution


class RoundOutOfOrder(FederationError):
    notice_en = "The request is for round {round} and vector {vector}; the next is round {next} and vector {expected}."
    notice_zh = "请求为第 {round} 轮 {vector}；应为第 {next} 轮 {expected}。"


class RequestUnusable(FederationError):
    notice_en = "The request is not one this session allows: {rule}."
    notice_zh = "请求不符合本会话的规则：{rule}。"


class ValueOutOfRange(FederationError):
    notice_en = "A figure of vector {vector} is outside of ±{most}; in a sum it could wrap around."
    notice_zh = "向量 {vector} 中有数值超出 ±{most}，汇总时可能溢出。"


class CellTooSmall(FederationError):
    notice_en = "A bin of {feature} would count some, but fewer than {least} rows of one institution."
    notice_zh = "{feature} 的某一分箱在一家机构内有数据但少于 {least} 行。"


# A round, at the coordinator


class AnswerForeign(FederationError):
    notice_en = "The answer of {name} is not to this request: {field} is {given} instead of {expected}."
    notice_zh = "{name} 的答复与请求不符：{field} 为 {given}，应为 {expected}。"


class AnswerTwice(FederationError):
    notice_en = "{name} answered round {round} more than once."
    notice_zh = "{name} 对第 {round} 轮重复答复。"


class AnswersMissing(FederationError):
    notice_en = "Round {round} lacks the answers of {names}; without all of them there is no sum."
    notice_zh = "第 {round} 轮缺少 {names} 的答复；缺一即不作汇总。"


# Why a run is aborted


class ParticipantLost(FederationError):
    notice_en = "{name} did not answer {path}: {reason}. The run is aborted; it can be started again."
    notice_zh = "{name} 未答复 {path}：{reason}。本次训练已中止，可重新启动。"
    status = 504


class ParticipantRefused(FederationError):
    notice_en = "{name} refused {path} with {error}: {detail} The run is aborted."
    notice_zh = "{name} 以 {error} 拒绝了 {path}：{detail} 本次训练已中止。"
    status = 502


class SumImplausible(FederationError):
    notice_en = "The sum of vector {vector} is impossible: {rule}. Somebody's masks or figures are wrong."
    notice_zh = "向量 {vector} 的汇总结果不可能成立：{rule}。某一方的掩码或数据有误。"


class NotConverged(FederationError):
    notice_en = "The regression has not converged within {rounds} rounds."
    notice_zh = "回归在 {rounds} 轮内未收敛。"


# A run log


class LogUnreadable(FederationError):
    notice_en = "{path} cannot be read as a run log: {rule}."
    notice_zh = "{path} 无法作为运行日志读取：{rule}。"


class LogBroken(FederationError):
    notice_en = "Line {line} of the run log does not hold: {rule}."
    notice_zh = "运行日志第 {line} 行不成立：{rule}。"


class LogUnfinished(FederationError):
    notice_en = "The run log ends after line {line} without the coordinator's closing signature."
    notice_zh = "运行日志在第 {line} 行后结束，没有协调方的结尾签名。"
