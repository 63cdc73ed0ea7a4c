"""Why a message from a machine is not taken in. The class name is the reason under which it is kept and counted."""

from backend.errors import HeqiError


class MessageRefused(HeqiError):
    """Base of them all. The message goes to quarantine; the service goes on."""

    notice_en = "The message is not taken in."
    notice_zh = "该消息未被采纳。"


class PayloadTooLarge(MessageRefused):
    notice_en = "The message has {bytes} bytes; {most} are allowed."
    notice_zh = "消息长度为 {bytes} 字节，上限为 {most} 字节。"


class PayloadInvalid(MessageRefused):
    notice_en = "The message is not what a device sends: {rule}."
    notice_zh = "消息格式不符合设备上报规范：{rule}。"


class KeyRepeated(MessageRefused):
    notice_en = "A key stands twice in the message."
    notice_zh = "消息中存在重复的字段。"


class TopicForeign(MessageRefused):
    notice_en = "No device sends on the topic {topic}."
    notice_zh = "主题 {topic} 不是设备的上报主题。"


class TenantOther(MessageRefused):
    notice_en = "Machine {machine} belongs to tenant {tenant}, not to {named}."
    notice_zh = "设备 {machine} 属于租户 {tenant}，而非 {named}。"


class MachineOther(MessageRefused):
    notice_en = "The topic is of machine {topic}, the message of machine {machine}."
    notice_zh = "主题属于设备 {topic}，消息却来自设备 {machine}。"


class DeviceUnbound(MessageRefused):
    notice_en = "No device is bound to machine {machine}."
    notice_zh = "设备 {machine} 尚未绑定终端。"


class EpochUnbound(MessageRefused):
    notice_en = "Machine {machine} has had {bound} devices so far; the message is of device {epoch}."
    notice_zh = "设备 {machine} 至今绑定过 {bound} 个终端，消息却来自第 {epoch} 个终端。"


class EpochOver(MessageRefused):
    notice_en = "Device {epoch} of machine {machine} was replaced at {over_at}; the message is of {at}."
    notice_zh = "设备 {machine} 的第 {epoch} 个终端已于 {over_at} 被更换，消息时间为 {at}。"


class ClockAhead(MessageRefused):
    notice_en = "The message is of {at}, but it came at {received_at}."
    notice_zh = "消息时间为 {at}，晚于收到时间 {received_at}。"


class SequenceAhead(MessageRefused):
    notice_en = "Record {sequence} of machine {machine} is too far ahead; {most} could be the newest."
    notice_zh = "设备 {machine} 的第 {sequence} 条记录编号过大，目前最大只可能为 {most}。"


class ChainForked(MessageRefused):
    notice_en = "Record {sequence} of machine {machine} contradicts another record of the same device."
    notice_zh = "设备 {machine} 的第 {sequence} 条记录与同一终端的其他记录相矛盾。"


class SignatureForged(MessageRefused):
    notice_en = "Checkpoint {sequence} of machine {machine} is not signed by its device."
    notice_zh = "设备 {machine} 的第 {sequence} 号检查点并非由其终端签名。"


class CheckpointContradicted(MessageRefused):
    notice_en = "Checkpoint {sequence} of machine {machine} does not fit the records under it."
    notice_zh = "设备 {machine} 的第 {sequence} 号检查点与其覆盖的记录不符。"


class NotJudged(MessageRefused):
    notice_en = "The messages of machine {machine} could not be judged because of a fault of ours ({fault})."
    notice_zh = "因系统内部故障（{fault}），设备 {machine} 的消息未能处理。"
