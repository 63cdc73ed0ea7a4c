"""Why a device report is not signed, each by name.

Refusal
├── FactsNotOfNow, RoundWrong, SignerSetChanged                       the batch, as of scores
├── MachineTwice, MachineNotHeard                                     any machine in it
├── AlarmSequenceWrong, AlarmEpochWrong, AlarmTimeWrong               an alarm record
├── AlarmUnfounded, AlarmOverstated, ClearNotSealed                   its alarms
└── ReadingNotOfNow, ReadingDiffers, ReadingNotSealed                 a reading
"""

from backend.oracle.errors import Refusal


class MachineTwice(Refusal):
    notice_en = "Machine or group {machine} stands in the proposal twice."
    notice_zh = "提案中设备或分组 {machine} 重复出现。"


class MachineNotHeard(Refusal):
    notice_en = "This signer has heard nothing of machine {machine}."
    notice_zh = "本签名者没有设备 {machine} 的任何数据。"


class AlarmSequenceWrong(Refusal):
    notice_en = "Machine {machine}: the proposal has alarm record {proposed}; {next} is the next."
    notice_zh = "设备 {machine}：提案的告警序号为 {proposed}，下一个应为 {next}。"


class AlarmEpochWrong(Refusal):
    notice_en = "Machine {machine}: the proposal speaks of device {proposed}; this signer hears device {own}."
    notice_zh = "设备 {machine}：提案对应第 {proposed} 号终端，本签名者收到的是第 {own} 号终端。"


class AlarmTimeWrong(Refusal):
    notice_en = "Machine {machine}: the alarms are said to be of {proposed}; {earliest} to {latest} is right."
    notice_zh = "设备 {machine}：提案的告警时间为 {proposed}，应介于 {earliest} 与 {latest} 之间。"


class AlarmUnfounded(Refusal):
    notice_en = "Machine {machine}: this signer has no evidence for alarm {alarm}."
    notice_zh = "设备 {machine}：本签名者没有告警 {alarm} 的依据。"


class AlarmOverstated(Refusal):
    notice_en = (
        "Machine {machine}, alarm {alarm}: the proposal says {proposed}, the chain {stored}, this signer finds {own}."
    )
    notice_zh = "设备 {machine} 的告警 {alarm}：提案为 {proposed}，链上为 {stored}，本签名者得出 {own}。"


class ClearNotSealed(Refusal):
    notice_en = "Machine {machine}: no signed record shows that alarm {alarm} is over."
    notice_zh = "设备 {machine}：没有经签名的记录表明告警 {alarm} 已解除。"


class ReadingNotOfNow(Refusal):
    notice_en = "Machine {machine}: the reading is said to be of {proposed}; this signer has one of {own}."
    notice_zh = "设备 {machine}：提案的读数时间为 {proposed}，本签名者的读数时间为 {own}。"


class ReadingDiffers(Refusal):
    notice_en = "Machine {machine}: the proposal says {field} {proposed}; {least} to {most} fits what was sealed."
    notice_zh = "设备 {machine}：提案的 {field} 为 {proposed}，与已签名数据相符的范围是 {least} 至 {most}。"


class ReadingNotSealed(Refusal):
    notice_en = "Machine {machine}: no valid checkpoint of the bound device covers the reading."
    notice_zh = "设备 {machine}：没有所绑定终端的有效签名检查点支持该读数。"
