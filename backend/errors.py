"""The one base of every error a user may see, and its RFC 9457 form."""

from typing import Any, ClassVar


class HeqiError(Exception):
    """A situation with values; `notice_en` and `notice_zh` tell it to a user, with `{placeholders}` for the values.

    The class name is the error's code everywhere: API, dApp, logs. `status` is the HTTP status it becomes.
    """

    notice_en: ClassVar[str] = "The request could not be carried out."
    notice_zh: ClassVar[str] = "请求无法完成。"
    status: ClassVar[int] = 400

    def __init__(self, **values: Any) -> None:
        super().__init__(values)
        self.values = values

    def __str__(self) -> str:
        return f"{self.code}: {self.notice('en')}"

    @property
    def code(self) -> str:
        return type(self).__name__

    def notice(self, lang: str) -> str:
        """The sentence for a user in `zh` or `en`, values filled in."""
        template = self.notice_zh if lang == "zh" else self.notice_en
        return template.format(**self.values)

    def to_problem(self, lang: str = "en") -> dict[str, Any]:
        """`application/problem+json` members (RFC 9457), extended by `code` and `values`."""
        return {
            "type": f"urn:heqi:error:{self.code}",
            "title": self.code,
            "status": self.status,
            "detail": self.notice(lang),
            "code": self.code,
            "values": self.values,
        }
