"""Every kind of act that leaves a record, in one table: value, English, 中文.

The table is the documentation: the API's schema, the portal and the README read it. A value never changes its
meaning; records keep the word they were written with.
"""

from enum import StrEnum
from typing import Self


class EventType(StrEnum):
    """What was done. ``en`` and ``zh`` say it in words."""

    en: str
    zh: str

    def __new__(cls, value: str, zh: str = "", en: str = "") -> Self:
        """A member with its two texts."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.zh = zh
        member.en = en
        return member

    SYSTEM_STARTED = "system.started", "系统启动", "a gateway process started"
    SYSTEM_STOPPED = "system.stopped", "系统停止", "a gateway process stopped in order"
    KEY_CREATED = "key.created", "生成密钥", "a signing key of the gateway was made"
    KEY_ROTATED = "key.rotated", "轮换密钥", "a newer signing key took over"
    KEY_ANNOUNCED = "key.announced", "预告签名密钥", "the next signing key was published ahead of its use"
    KEY_REVOKED = "key.revoked", "吊销签名密钥", "a signing key was struck off with all it signed"
    ORG_REGISTERED = "org.registered", "登记部门", "a department was registered"
    PERSON_REGISTERED = "person.registered", "登记人员", "a person was registered"
    PERSON_ROLES_CHANGED = "person.roles_changed", "变更人员角色", "a person's roles were changed"
    PERSON_DISABLED = "person.disabled", "停用人员", "a person was disabled"
    INVITATION_ISSUED = (
        "invitation.issued",
        "签发邀请码",
        "a one-time code for setting a password was issued to a person",
    )
    CREDENTIALS_SET = "credentials.set", "设置登录凭据", "a person set a password by a one-time code"
    PASSWORD_CHANGED = "password.changed", "修改密码", "a person changed the own password"
    SIGNED_IN = "person.signed_in", "人员登录", "a person signed in"
    SIGN_IN_REFUSED = "sign_in.refused", "拒绝登录", "a sign-in was refused"
    SIGNED_OUT = "person.signed_out", "人员退出", "a person signed out"
    SESSIONS_ENDED = "sessions.ended", "终止会话", "sessions of a person were ended"
    ACCOUNT_LINKED = (
        "account.linked",
        "关联平台账号",
        "an identity provider's account was linked to a person",
    )
    ACCOUNT_UNLINKED = "account.unlinked", "解除账号关联", "the link of an account to a person was ended"
    PERSON_RENAMED = "person.renamed", "变更人员姓名", "a person's name was changed"
    CLIENT_RENAMED = "client.renamed", "变更应用系统名称", "an application system's name was changed"
    ROSTER_IMPORTED = "roster.imported", "导入名册", "people and systems were imported from a sheet"
    CLIENT_REGISTERED = "client.registered", "登记应用系统", "an application system was registered"
    CLIENT_KEY_ADDED = "client.key_added", "添加应用公钥", "a public key was added to an application system"
    CLIENT_KEY_REVOKED = "client.key_revoked", "吊销应用公钥", "an application system's key was revoked"
    CLIENT_DISABLED = "client.disabled", "停用应用系统", "an application system was disabled"
    CLIENT_CERTIFICATE_ADDED = (
        "client.certificate_added",
        "登记应用证书",
        "a certificate of an application system was registered",
    )
    CLIENT_CERTIFICATE_REVOKED = (
        "client.certificate_revoked",
        "注销应用证书",
        "an application system's certificate was struck off",
    )
    REVOCATION_BROUGHT = (
        "revocation.brought",
        "录入吊销信息",
        "a revocation list or an OCSP answer of an authority was taken in",
    )
    CLIENT_SIGNED_OUT = (
        "client.signed_out",
        "注销应用系统令牌",
        "all tokens of an application system were revoked",
    )
    TOKEN_ISSUED = "token.issued", "签发访问令牌", "an access token was issued"
    TOKEN_REFUSED = "token.refused", "拒发访问令牌", "an access token was refused"
    TOKEN_REVOKED = "token.revoked", "吊销访问令牌", "an access token was revoked"
    PERSON_TOKEN_ISSUED = "person_token.issued", "签发人员令牌", "a person's token was issued on the box"
    CATALOG_IMPORTED = "catalog.imported", "导入目录", "entries were imported from a sheet"
    RESOURCE_DRAFTED = "resource.drafted", "编制信息资源", "a resource was drafted"
    RESOURCE_CHANGED = "resource.changed", "修改信息资源", "a resource's draft was changed"
    RESOURCE_CLEARED = (
        "resource.cleared",
        "登记发布前评估",
        "a resource's assessments and its head's consent were recorded",
    )
    RESOURCE_SUBMITTED = "resource.submitted", "提交审核", "a resource was submitted for review"
    RESOURCE_PUBLISHED = "resource.published", "发布信息资源", "a resource version was published"
    RESOURCE_RETURNED = "resource.returned", "退回信息资源", "a resource was returned to its department"
    RESOURCE_WITHDRAWN = "resource.withdrawn", "撤销信息资源", "a resource was withdrawn"
    RESOURCE_ENDING = "resource.ending", "公告撤销信息资源", "a resource's end was announced"
    RESOURCE_KEPT = "resource.kept", "取消撤销公告", "an announced end of a resource was taken back"
    RESOURCE_REVISED = "resource.revised", "发布信息资源新版本", "a revision became a resource's live edition"
    REVISION_CHANGED = "revision.changed", "编制资源修订", "a revision of a published resource was drafted"
    REVISION_MOUNTED = "revision.mounted", "挂接资源修订", "a revision was connected to its source"
    REVISION_CLEARED = (
        "revision.cleared",
        "登记修订评估",
        "a revision's assessments and its head's consent were recorded",
    )
    REVISION_SUBMITTED = "revision.submitted", "提交资源修订审核", "a revision was submitted for review"
    REVISION_RETURNED = "revision.returned", "退回资源修订", "a revision was returned to its department"
    REVISION_ANNOUNCED = (
        "revision.announced",
        "公告资源修订",
        "a revision was approved and announced for a later day",
    )
    CATALOGUE_CHANGE_RECORDED = (
        "catalogue.change_recorded",
        "登记目录所依据的法律或职责变化",
        "a change of law or duty that an entry must follow was recorded",
    )
    CATALOGUE_UPDATE_EXTENDED = (
        "catalogue.update_extended",
        "同意延长目录更新时限",
        "the limit of an update of an entry was extended",
    )
    REVISION_DISCARDED = "revision.discarded", "放弃资源修订", "a revision was given up"
    RESOURCE_TRIED = "resource.tried", "测试资源挂接", "a resource's mount was tried with sample parameters"
    RESOURCE_MOUNTED = "resource.mounted", "挂接信息资源", "a resource was connected to its source"
    SOURCE_CLAIMED = "source.claimed", "认领数据项", "a department claimed an item as source"
    SOURCE_COPIED = (
        "source.copied",
        "标注数源副本",
        "a department marked an item as a copy of the lead source",
    )
    SOURCE_LEAD_NAMED = (
        "source.lead_named",
        "明确数源部门",
        "the authority named the lead source of an element",
    )
    APPLICATION_FILED = "application.filed", "提交共享申请", "an application was filed"
    APPLICATION_NOT_SHAREABLE = (
        "application.not_shareable",
        "不予共享答复",
        "an application for a not-shared resource was answered",
    )
    APPLICATION_ACCEPTED = "application.accepted", "规范性审查通过", "an application passed the review"
    APPLICATION_NOT_ACCEPTED = (
        "application.not_accepted",
        "规范性审查不通过",
        "an application did not pass the review",
    )
    APPLICATION_PROVIDED = "application.provided", "平台直接提供", "the platform provided the data directly"
    APPLICATION_APPROVED = "application.approved", "审批同意", "the providing department approved"
    APPLICATION_REFUSED = "application.refused", "审批不同意", "the providing department refused"
    APPLICATION_TRANSFERRED = "application.transferred", "移交申请", "an application went to another handler"
    CALENDAR_PUBLISHED = "calendar.published", "发布工作日历", "a working-day calendar was published"
    DEADLINE_MOVED = "deadline.moved", "调整时限", "a published calendar moved an open deadline"
    EXTENSION_ASKED = "extension.asked", "提出延期", "a provider asked for more time"
    EXTENSION_GRANTED = (
        "extension.granted",
        "同意延期",
        "an extension was consented to and the requester told",
    )
    EXTENSION_DECLINED = "extension.declined", "不同意延期", "an extension was declined"
    CLOCKS_PAUSED = "clocks.paused", "暂停计时", "clocks of a case were paused"
    CLOCKS_RESUMED = "clocks.resumed", "恢复计时", "clocks of a case were resumed"
    APPLICATION_AMENDED = "application.amended", "修改申请", "an application got a new version of its form"
    APPLICATION_NOTICE_GIVEN = (
        "application.notice_given",
        "一次性告知",
        "what an application lacks was told once and completely",
    )
    STANDING_GIVEN = "standing.given", "平台授权", "a provider let the platform answer for a resource"
    STANDING_ENDED = "standing.ended", "终止平台授权", "a standing authorisation was ended"
    CONDITION_ADDED = (
        "application.condition_added",
        "擅自增设条件",
        "a refusal stood on a condition that is not in the catalogue, and was turned away",
    )
    APPLICATION_WITHDRAWN = "application.withdrawn", "撤回申请", "the applicant withdrew"
    GRANT_ISSUED = "grant.issued", "签发授权", "a grant was issued"
    GRANT_SUSPENDED = "grant.suspended", "暂停授权", "a grant was suspended"
    GRANT_RESUMED = "grant.resumed", "恢复授权", "a suspended grant was resumed"
    GRANT_SUSPENSION_LIFTED = (
        "grant.suspension_lifted",
        "解除一项暂停",
        "one of two suspensions of a grant was lifted",
    )
    GRANT_SUSPENSION_ANSWERED = "grant.suspension_answered", "整改答复", "an order to rectify was answered"
    GRANT_REVOKED = "grant.revoked", "撤销授权", "a grant was revoked"
    GRANT_ENDED = "grant.ended", "结束使用", "the requesting department ended a grant"
    SERVICE_CHANGE_OPENED = (
        "service_change.opened",
        "发起服务变更协商",
        "a provider opened a consultation on ending or changing a service",
    )
    SERVICE_CHANGE_ANSWERED = (
        "service_change.answered",
        "答复服务变更协商",
        "a requesting department answered a consultation",
    )
    SERVICE_CHANGE_FILED = (
        "service_change.filed",
        "服务变更备案",
        "the ending or change of a service was filed with the authority",
    )
    CASE_REMINDED = "case.reminded", "催办", "a department was reminded of a case"
    CASE_HANDED_OVER = "case.handed_over", "移交办理", "a case was handed over to another desk"
    CASE_BREACHED = "case.breached", "超期", "a clock ran out"
    BREACH_EXPLAINED = "breach.explained", "说明超期原因", "a department said why a clock ran out"
    ORDER_ISSUED = "order.issued", "下发督办单", "an order went to the head of a department"
    ORDER_ANSWERED = "order.answered", "反馈督办", "a department answered an order"
    ORDER_CLOSED = "order.closed", "督办销号", "an order was closed"
    NOTICE_RETRIED = "notice.retried", "重发通知", "a notice that was stuck was put up for sending again"
    CONTACT_SET = "contact.set", "登记联系人", "somebody was put at a desk of a department"
    DISPUTE_RAISED = "dispute.raised", "提出争议", "a department raised a dispute"
    DISPUTE_PROPOSED = "dispute.proposed", "提出处理方案", "a party proposed how to settle a dispute"
    DISPUTE_ESCALATED = "dispute.escalated", "申请协调处理", "a dispute went to the authority"
    DISPUTE_REFERRED = "dispute.referred", "报请政府决定", "a dispute went to the government"
    DISPUTE_SETTLED = "dispute.settled", "争议解决", "a dispute was settled"
    DISPUTE_WITHDRAWN = "dispute.withdrawn", "撤回争议", "a dispute was withdrawn"
    COMPLAINT_RECEIVED = "complaint.received", "受理投诉", "a complaint was received"
    COMPLAINT_FORWARDED = "complaint.forwarded", "转办投诉", "a complaint was forwarded to another department"
    COMPLAINT_ANSWERED = "complaint.answered", "答复投诉", "a complaint was answered"
    USE_RECORDED = "use.recorded", "记录数据使用", "the use of shared data was put on record"
    USE_INSPECTED = "use.inspected", "查阅使用记录", "a department's use records were inspected"
    DISPOSAL_RECORDED = "disposal.recorded", "记录数据处置", "the disposal of shared data was put on record"
    CALL_INTENDED = "call.intended", "准备调用", "a call was permitted and is about to be forwarded"
    CALL_RELEASED = "call.released", "放行数据", "the answer of a call is about to be released"
    CALL_SEGMENT = "call.segment", "放行数据分段", "a segment of a long answer is about to be released"
    CALL_REFUSED = "call.refused", "拒绝调用", "a call was refused"
    CALL_FAILED = "call.failed", "调用失败", "a forwarded call gave no usable answer"
    CALL_SEQUENCE = (
        "call.sequence",
        "疑似逐一试查",
        "an application system walks through numbers, call after call",
    )
    CALL_DELIVERED = "call.delivered", "实际交付", "less of the answer was delivered than released"
    BATCH_ACCEPTED = "batch.accepted", "受理批量任务", "a batch of calls was accepted"
    BATCH_INTENDED = (
        "batch.intended",
        "准备批量查询",
        "a row of a batch was permitted and is about to be asked",
    )
    BATCH_HELD = "batch.held", "暂存批量结果", "answers of a batch are kept encrypted; nothing left"
    BATCH_SEALED = "batch.sealed", "签封批量结果", "a batch is answered and its manifest sealed"
    BATCH_RELEASED = (
        "batch.released",
        "放行批量结果",
        "bytes of the result of a batch are about to be released",
    )
    BATCH_DELIVERED = (
        "batch.delivered",
        "批量实际交付",
        "less of a batch's result was delivered than released",
    )
    BATCH_FAILED = "batch.failed", "批量任务失败", "a batch ended without a result"
    BATCH_CANCELLED = "batch.cancelled", "取消批量任务", "a batch was cancelled"
    BATCH_DESTROYED = "batch.destroyed", "销毁批量结果", "the result of a batch was destroyed with its key"
    SUBSCRIPTION_MADE = (
        "subscription.made",
        "订阅数据变更",
        "a department subscribed to changes under a grant",
    )
    SUBSCRIPTION_ENDED = "subscription.ended", "终止变更订阅", "a subscription to changes was ended"
    CHANGE_PUBLISHED = "change.published", "发布数据变更", "a provider published a change of a resource"
    MESSAGE_RELEASED = "message.released", "放行变更消息", "a message about a change is about to be sent"
    MESSAGE_DELIVERED = "message.delivered", "送达变更消息", "the department's system took a message"
    MESSAGE_WITHHELD = "message.withheld", "变更消息未送出", "a message may not or could not be sent"
    MESSAGE_RESENT = "message.resent", "要求重新推送", "a department asked for a message once more"
    MESSAGE_CLAIMED = "message.claimed", "认领变更消息", "a person of the department claimed a message"
    MESSAGE_REMINDED = (
        "message.reminded",
        "催办变更消息",
        "a department was reminded of a message it did not claim or answer in time",
    )
    MESSAGE_ANSWERED = "message.answered", "反馈变更消息", "a department said what came of a message"
    HEALTH_CHANGED = "health.changed", "运行状态变化", "a resource's health changed: alarms raised or cleared"
    COMPARISON_MADE = "comparison.made", "建立多源校核", "a comparison of two resources was ordered"
    COMPARISON_ASKED = "comparison.asked", "要求立即校核", "a run of a comparison was asked for"
    COMPARISON_RAN = "comparison.ran", "多源校核完成", "a comparison ran"
    COMPARISON_ENDED = "comparison.ended", "终止多源校核", "a comparison was ended"
    RATING_GIVEN = "rating.given", "服务评价", "a department rated a service it uses"
    RATING_ANSWERED = "rating.answered", "答复评价", "a provider answered a rating"
    RECIPIENT_REGISTERED = (
        "recipient.registered",
        "登记政府以外接收方",
        "a recipient outside government was registered",
    )
    RECIPIENT_ENDED = (
        "recipient.ended",
        "终止接收方登记",
        "a recipient outside government gets data no longer",
    )
    EQUAL_TERMS_DECLARED = (
        "equal_terms.declared",
        "公布同等开放条件",
        "equal terms for everybody alike were declared",
    )
    DUTIES_PUBLISHED = "duties.published", "发布责任清单", "a department's list of duties was published"
    CORRECTION_FILED = "correction.filed", "提出校核申请", "a recipient doubted a record"
    CORRECTION_ANSWERED = (
        "correction.answered",
        "反馈校核结果",
        "the provider reported back on a doubted record",
    )
    CORRECTION_WITHDRAWN = "correction.withdrawn", "撤回校核申请", "a recipient took a doubt back"
    CORRECTION_ACKNOWLEDGED = (
        "correction.acknowledged",
        "确认更正告知",
        "another recipient looked after its copies of a corrected record",
    )
    CORRECTION_MATCHED = (
        "correction.matched",
        "核对更正记录",
        "a recipient asked whether a record it holds is the corrected one",
    )
    CASCADE_STARTED = "cascade.started", "发起级联", "something was queued for an upper platform"
    CASCADE_REPORTED = "cascade.reported", "完成上报", "an upper platform took a report"
    CASCADE_REJECTED = "cascade.rejected", "上级退回", "an upper platform rejected a report"
    CASCADE_ANSWERED = "cascade.answered", "上级答复", "an upper platform answered or decided"
    CASCADE_RETRIED = "cascade.retried", "重新上报", "a rejected report was queued again"
    CASCADE_KEY_SET = "cascade.key_set", "设置上级平台密钥", "the key to an upper platform was stored"
    DECISION_SEALED = "decision.sealed", "决定出证", "decisions were handed out under the gateway's seal"
    RECEIPT_ISSUED = "receipt.issued", "出具调用回执", "the sealed receipt of a call was handed out"
    SEAL_REGISTERED = "seal.registered", "登记电子印章", "a department's electronic seal was registered"
    SEAL_REFUSED = "seal.refused", "拒绝登记电子印章", "an electronic seal did not stand its verification"
    SEAL_STATUS_CHANGED = (
        "seal.status_changed",
        "变更印章状态",
        "an electronic seal was suspended, put in force again, lost or revoked",
    )
    STAMP_FILED = "stamp.filed", "提交签章", "a department's stamp on a document was filed"
    STAMP_REFUSED = "stamp.refused", "签章核验不通过", "a stamp did not stand its verification"
    STAMP_EXAMINED = "stamp.examined", "重新核验签章", "a filed stamp was examined again"
    DECISION_DRAFTED = "decision.drafted", "拟定审批决定", "a decision was drafted, to be stamped"
    AUDIT_LATE = (
        "audit.late",
        "审计环节滞后",
        "records wait too long for order, signature, witnesses or time stamps",
    )
    AUDIT_CAUGHT_UP = (
        "audit.caught_up",
        "审计环节恢复",
        "a stage of the audit log that was late is in time again",
    )
    AUDIT_VERIFIED = (
        "audit.verified",
        "核验审计日志",
        "the log was verified, as a whole or since the last time",
    )
    LOG_TAKEN_OVER = (
        "log.taken_over",
        "审计日志换代",
        "after a restore another log takes over the records that are left",
    )
    ALERT_RAISED = "alert.raised", "发出审计告警", "a rule found something in the audit log"
    ALERT_ACKNOWLEDGED = "alert.acknowledged", "确认审计告警", "an alert was looked into and acknowledged"
    AUDIT_STREAMED = (
        "audit.streamed",
        "向安全监测送出审计记录",
        "audit records were sent on to security monitoring from a place on",
    )
    AUDIT_QUERY_SAVED = "audit.query_saved", "保存审计查询", "a query of the audit log was kept under a name"
    AUDIT_QUERY_DELETED = "audit.query_deleted", "删除审计查询", "a kept query of the audit log was deleted"
    AUDIT_QUERIED = "audit.queried", "查询审计", "audit records were read"
    AUDIT_EXPORTED = "audit.exported", "导出审计记录", "an export of audit records was asked for"
    AUDIT_EXPORT_MADE = "audit.export_made", "制成审计导出", "the pack of an export is whole"
    AUDIT_EXPORT_FAILED = "audit.export_failed", "审计导出失败", "an export was given up"
    AUDIT_EXPORT_ENDED = (
        "audit.export_ended",
        "销毁审计导出",
        "an export was cancelled, or its pack destroyed",
    )
    AUDIT_EXPORT_TAKEN = "audit.export_taken", "取走审计导出", "the pack of an export was fetched"
    ARCHIVE_SEALED = "archive.sealed", "档案包签章", "an archive pack of use records was sealed"
    HOLD_PLACED = "hold.placed", "设置保全", "records were put under a hold"
    HOLD_LIFTED = "hold.lifted", "解除保全", "a hold on records was lifted"
    RETENTION_PROPOSED = "retention.proposed", "提出处置", "the disposal of old records or keys was proposed"
    RETENTION_APPROVED = "retention.approved", "批准处置", "a second person agreed to a disposal"
    RETENTION_WITHDRAWN = "retention.withdrawn", "撤回处置", "a disposal was given up"
    RETENTION_DROPPED = (
        "retention.dropped",
        "处置到期记录",
        "a month's records were archived, compared with the tree, and go",
    )
    KEYS_DESTROYED = "keys.destroyed", "销毁个人信息密钥", "the keys of a month's personal detail go"
    PERSONAL_OPENED = "personal.opened", "查阅个人信息", "the personal detail of a record was opened"
    SUBJECT_SEARCHED = (
        "subject.searched",
        "按当事人检索",
        "records were searched by the real number of a subject",
    )
    ACCESS_REFUSED = "access.refused", "拒绝访问", "a request to the control API was refused"
    EVENT_UNREADABLE = "event.unreadable", "无法解析的记录", "the written bytes are not a readable event"
