"""Reports: read by everybody signed in, each the own department's rows."""

from rights import Right, at

CASES = {
    "list_statistics": Right("provider", at("/v1/statistics")),
    "examine_catalogue": Right("provider", at("/v1/catalogue-health")),
    "list_health_scores": Right("provider", at("/v1/catalogue-health/scores")),
    "list_unused_grants": Right("requester", at("/v1/unused-grants")),
}
