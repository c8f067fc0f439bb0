"""What a step of a verification says, in a clerk's words: the standards speak of TBS and certLists, a clerk does not."""

from collections.abc import Iterable
from typing import Final

from gateway.errors import FieldFault
from gateway.seals.report import Report, Step
from gateway.web import Model

_BY_STEP: Final = {
    ("S3", "SIGNATURE"): ("the stamp was changed after it was made", "签章签名值核验不通过，签章已被改动"),
    ("S11", "SIGNATURE"): ("the seal was changed or is forged", "印章签名值核验不通过，印章已被改动或系伪造"),
    ("S5", "NO_ANCHOR"): (
        "the authority of the signer's certificate is not trusted here", "签章者证书的发证机构不在本网关信任范围内",
    ),
    ("S12", "NO_ANCHOR"): ("the seal's maker is not trusted here", "制章者证书的发证机构不在本网关信任范围内"),
    ("S5", "OUTSIDE_VALIDITY"): ("the signer's certificate was not valid then", "签章时签章者证书不在有效期内"),
    ("S12", "OUTSIDE_VALIDITY"): ("the maker's certificate was not valid then", "制章时制章者证书不在有效期内"),
    ("S6", "REVOKED"): ("the signer's certificate was revoked before it was stamped", "签章前签章者证书已被吊销"),
    ("S13", "REVOKED"): ("the maker's certificate was revoked before the seal was made", "制章前制章者证书已被吊销"),
}  # fmt: skip
_BY_CODE: Final = {
    "LIMITS": ("the file is too large, or takes too long to read", "文件过大或读取超出限制"),
    "FORMAT": ("the file is no electronic seal or stamp of a known version", "文件不是可识别版本的电子印章或签章"),
    "NOT_A_STAMP": ("this is a seal, not a stamp on the document", "这是电子印章本身，不是对文件的签章"),
    "NOT_A_SEAL": ("this is no electronic seal", "这不是电子印章文件"),
    "OTHER_KIND": (
        "a PDF or OFD holds a document of its own: stamp the bytes the gateway gives",
        "PDF、OFD 自带文件内容，请对网关给出的文件原文签章",
    ),
    "PERSONAL_SEAL": ("this is a person's seal, not a department's", "这是个人印章，不是单位印章"),
    "CRITICAL_EXTENSION": ("it holds an extension the gateway does not know", "含有网关不识别的关键扩展"),
    "ALGORITHM": ("its algorithm is not allowed, or not that of the key", "签名算法不被允许或与密钥不符"),
    "CERTIFICATE_FORMAT": ("a certificate in it cannot be read", "其中的数字证书无法识别"),
    "TIME_NOT_PROVEN": ("the rule asks for a timestamp and there is none", "规则要求可信时间戳，签章没有时间戳"),
    "TIME_IN_FUTURE": ("stamped later than it was received", "签章时间晚于收到时间，请校准签章系统时钟"),
    "REVOKED_TIME_UNPROVEN": (
        "its certificate is revoked, and nothing proves that it was stamped before",
        "证书已被吊销，且无法证明签章在吊销之前作出",
    ),
    "NO_REVOCATION_INFO": (
        "no current revocation list says whether the certificate stands", "缺少有效的证书吊销信息，无法判断证书是否被吊销",
    ),
    "SIGNER_NOT_LISTED": ("the signer is not among those the seal names", "签章者不在印章所列名单中"),
    "DATA_HASH": (
        "another document was stamped, or this one was changed since", "盖章的不是这份文件，或盖章后文件有改动",
    ),
    "OUTSIDE_SEAL_PERIOD": ("stamped outside the seal's period", "签章时间不在印章有效期内"),
    "SEAL_STATUS": ("the seal was suspended, lost or revoked", "印章已停用、挂失或注销"),
    "NOT_REGISTERED": ("the seal is not registered here", "该印章未在本网关登记"),
    "SEAL_COPY": ("the seal in the stamp is not the one registered", "签章中的印章与登记的印章不一致"),
    "OTHER_HOLDER": ("the seal is another department's", "该印章属于其他部门"),
    "HOLDER_UNKNOWN": ("no department is registered as the seal's holder", "该印章未登记所有部门"),
    "BEFORE_DOCUMENT": ("stamped before the document existed", "签章时间早于文件形成时间"),
    "SM2_UNAVAILABLE": ("SM2 cannot be computed on this machine", "本机无法进行 SM2 运算"),
}  # fmt: skip
_REMARKS: Final = frozenset({"pass", "skipped"})


class Told(Model):
    """A step that did not pass, in words; ``result`` is fail or unknown."""

    step: str
    name: str
    name_zh: str
    result: str
    code: str
    text: str
    text_zh: str


def told(step: Step) -> Told:
    """One step in a clerk's words."""
    plain = (f"{step.name} could not be confirmed", f"{step.name_zh}核验不通过")
    if step.code.startswith("TIMESTAMP"):
        plain = ("the timestamp proves no time", "时间戳无法证明签章时间")
    en, zh = _BY_STEP.get((step.step, step.code)) or _BY_CODE.get(step.code, plain)
    return Told(
        step=step.step, name=step.name, name_zh=step.name_zh, result=step.result, code=step.code, text=en, text_zh=zh
    )  # fmt: skip


def failed(report: Report) -> list[Told]:
    """The steps that keep a report from being valid: the failed ones first."""
    open_steps = [step for step in report.steps if step.result not in _REMARKS]
    return [told(step) for step in sorted(open_steps, key=lambda step: step.result != "fail")]


def faults(steps: Iterable[Told]) -> list[FieldFault]:
    """The steps as faults of the file that was sent."""
    return [
        FieldFault("", f"{step.step} {step.name}: {step.text}", f"{step.step} {step.name_zh}：{step.text_zh}")
        for step in steps
    ]
