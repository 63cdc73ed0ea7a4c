"""Why a whole file is refused; what is wrong with one machine is an oddity of that machine instead."""

from backend.errors import HeqiError


class FleetInvalid(HeqiError):
    notice_en = "The file is no fleet snapshot after ISO 15143-3: {rule}."
    notice_zh = "文件不是符合 ISO 15143-3 的机队快照：{rule}。"


class FleetTooLarge(HeqiError):
    notice_en = "The file has more than {most} {unit}."
    notice_zh = "文件超过 {most} {unit}。"
    status = 413
