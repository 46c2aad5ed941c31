"""The commented example that ``fenzhen init`` writes."""

from pathlib import Path

from fenzhen.errors import WorkspaceError
from fenzhen.workspace.example_sections import SECTIONS, commented

__all__ = ["FILES", "write_example"]

WORKSPACE = '''\
# A Fenzhen workspace: where the tables come from. `fenzhen validate` checks it, `fenzhen train` uses it.
# Paths are relative to this file. Formats by suffix: .csv, .csv.gz, .parquet, .xlsx. Lines that start with # are off.

time_zone = "Asia/Shanghai"              # times without an offset are in this zone

[tables.tickets]
path = "tickets.csv"                     # UTF-8 (with or without BOM) or GBK; or a database query instead:
# url_env = "HELPDESK_DB_URL"            #   this environment variable holds postgresql://… or sqlite:////…
# query = "select * from tickets"        #   with url_env, instead of path
# sheet = "工单"                          # XLSX: the sheet's name, the first one by default
# encoding = "gbk"                       # CSV: only where it is not recognised
# delimiter = ";"                        # CSV: a comma by default
# time_format = "%Y/%m/%d %H:%M:%S"      # where times are not written year first
# missing = ["?", "-", "无"]              # what stands for a missing value
# where = "渠道 != '测试'"                # only these rows are read (pandas query over the source's columns)
# segmented = true                       # the text is already cut into words

[tables.tickets.columns]                 # what Fenzhen calls it = what the source calls it; others are ignored
ticket_id = "工单编号"                    # without one, row numbers serve as ids
created_at = "创建时间"
subject = "标题"                          # at least one of subject and body
body = "问题描述"
category = "一级分类"
# subcategory = "二级分类"
# request_type = "诉求类型"
# sentiment = "情感"
# priority = "优先级"
# group = "受理组"
# assignee_id = "处理人"
# channel = "渠道"
# customer_id = "客户编号"
# product = "产品"
# device_id = "序列号"
# resolved_at = "解决时间"                # labels count as known from this time on

# More columns of tickets: product_version, site, region, tags, first_response_at, resolution, csat, nps, cost,
# survey_comment, status.

# [tables.tickets.constants]             # the same value in every row
# region = "华东"
# [tables.tickets.derive]                # pandas eval over the source's columns
# cost = "工时 * 单价"

# [tables.raw]                           # another mapping, for `fenzhen predict MODEL --table raw`
# like = "tickets"
# path = "new_tickets.xlsx"

# kind = "event_log"                     # under [tables.tickets]: each row is an update of one ticket
# order = "更新序号"                       # what a ticket's rows are sorted by: a number or a time
# at = "更新时间"                          # when a row was written, if order is not that
# filed = ["product", "channel"]         # known when filed: taken from the first row; other columns need a rule:
# labels = { assignee_id = { column = "处理人", where = "状态 == '已解决'", take = "last_known" } }
# events = { resolved = "状态 == '已解决'", closed = "状态 == '已关闭'" }

# [tables.taxonomy]                      # the values that may be predicted
# path = "taxonomy.csv"                  # field, value, external_id, name, parent, active, renamed_from, auto_allowed

# [[tables.interactions]]                # several sources for one table: rows are appended
# path = "orders.parquet"
# where = "not Invoice.str.startswith('C')"
# constants = { kind = "order" }
# columns = { customer_id = "Customer ID", at = "InvoiceDate" }
# derive = { value = "Quantity * Price" }

[models.ticket_category]                 # every setting has a default
# label = "category"                     # the column to predict
# second_level = "subcategory"

# People, customers and devices: take the `# ` away from the sections you have data for (README: Your own data).
# `fenzhen train ticket_priority`, `assignee_group`, `assignee`, `churn` and `device_failure` use them.

@sections@
# [settings]                             # the environment wins over these
# state_dir = ".fenzhen"                 # MLflow's database, exports, store
# exports_keep = 5                       # versions
'''

RULES = '''\
# Keyword rules of this workspace, beside the models. The answer shows model and rule apart.
# A rule fires when subject or body has one of the words of `any`, each of `all` and none of `none`.
#
# [[rule]]
# id = "smoke"                           # shows in answers
# field = "category"                     # the field it answers
# value = "安全隐患"                      # must be a value that may be predicted
# any = ["冒烟", "起火", "漏电"]           # words, as customers write them
# none = ["烟机"]
# mode = "override"                      # "override": the rule decides; "add": it adds weight to the model's score
# weight = 2.0                           # for "add": log-odds
'''

USER_WORDS = '''\
# 用户词典：每行一个词，可加词频和词性，用空格隔开（jieba 词典格式）。以 # 开头的行不起作用。
# 例如（去掉行首的 # 生效）：
# 云打印 100 n
# 滚筒洗衣机 100 n
'''

FILES = {"workspace.toml": WORKSPACE.replace("@sections@\n", commented(SECTIONS) + "\n"), "rules.toml": RULES,
         "user_words.txt": USER_WORDS}


def write_example(folder: Path) -> tuple[Path, ...]:
    """Write ``FILES`` into ``folder``, which is made if need be; return their paths.

    Raises ``WorkspaceError``, before anything is written, if one of them is there already.
    """
    paths = {folder / name: text for name, text in FILES.items()}
    there = [path for path in paths if path.exists()]
    if there:
        raise WorkspaceError(f"{', '.join(map(str, there))} exists already; nothing was written")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in paths.items():
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise WorkspaceError(f"cannot write to {folder}: {error.strerror or error}") from error
    return tuple(paths)
