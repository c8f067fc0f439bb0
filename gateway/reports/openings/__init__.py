"""Recipients outside government (向企业、社会组织开放), and resources only one of them can get.

庆政办发〔2018〕132号 item 24: 清理并制止仅向特定企业、社会组织开放. Vocabulary: a *recipient* 接收方 is a firm or organisation outside
government, known by a 统一社会信用代码 that does not begin with 1 (GB 32100: 机构编制); *equal terms* 同等条件 are
published terms under which anybody like it gets the same.
Invariants: a recipient stands with basis, terms and fee; a fee has its own basis; what is only found through a grant and
not registered is a finding.
"""
