"""The sections for people, customers and devices that ``fenzhen init`` writes, commented out."""

__all__ = ["SECTIONS", "commented"]

SECTIONS = '''\
## 派单 Routing: people. tickets above with priority, group, assignee_id and resolved_at are enough to begin.
[tables.assignees]
path = "人员.csv"
columns = { assignee_id = "工号", name = "姓名", group = "组别", skills = "擅长", capacity = "容量", active = "在岗" }

[tables.ticket_events]                 # who had a ticket when; optional
path = "流转.csv"
constants = { event = "assigned" }     # or a column: created, assigned, responded, resolved, reopened, closed, ...
columns = { ticket_id = "工单编号", at = "时间", group = "受理组", assignee_id = "处理人" }

[models.ticket_priority]               # reads tickets.priority
order = ["紧急", "高", "中", "低"]       # the most urgent first

[models.assignee_group]                # reads tickets.group

[models.assignee]                      # reads tickets.assignee_id
named_in = ["登记人"]                   # columns of tickets, filled when filed, that hold people's ids; optional
fixed_owner = "service_manager"        # a column of customers: who takes all tickets of a customer
skill_field = "product"                # the value a person must have among the skills

## 流失风险 Customers at risk. Without a customers table they are taken from interactions and tickets.
[tables.customers]
path = "客户.csv"
[tables.customers.columns]
customer_id = "客户编号"
name = "客户名称"
customer_tier = "客户等级"
region = "区域"
since = "建档日期"
owner = "客户经理"                       # whom a key of `fenzhen keys create --owner` shows
service_manager = "专属服务经理"          # the column that fixed_owner names
annual_value = "年消费额"
currency = "币种"
renewal_at = "续约日"
churned_at = "流失日期"

[tables.interactions]                  # orders, visits, calls, logins, ...
path = "订单.csv"
constants = { kind = "order" }
columns = { customer_id = "客户编号", at = "下单时间", value = "金额" }

[tables.returns]
path = "退货.csv"
columns = { return_id = "退货单号", customer_id = "客户编号", at = "登记时间", amount = "金额", reason = "原因" }

[models.churn]
label = "contract"                     # contract: churned_at, or renewal_at gone by; silence: no interaction; complaint
horizon_days = 90
cohort = "all"                         # all, repeat, tenure:DAYS or tier:VIP,金牌
capacity = 50                          # customers that can be looked after per scoring

## 设备预警 Devices
[tables.devices]
path = "设备.csv"
[tables.devices.columns]
device_id = "设备编号"
model = "型号"
batch = "批次"
supplier = "供应商"
region = "区域"
customer_id = "客户编号"
installed_at = "安装日期"

[tables.telemetry]                     # any numeric columns; they keep their names unless mapped
path = "遥测.csv"
columns = { device_id = "设备编号", at = "采集时间", temperature = "温度", vibration = "振动" }

[[tables.device_events]]               # one source for each kind: log (message), error (code), maintenance, failure
path = "故障.csv"
constants = { kind = "failure" }
columns = { device_id = "设备编号", at = "时间", component = "部件" }
[[tables.device_events]]
path = "保养.csv"
constants = { kind = "maintenance" }
columns = { device_id = "设备编号", at = "时间", component = "部件" }

[models.device_failure]                # learns from device_events of the kind failure
horizons_days = [7]
capacity = 5                           # alerts a day that can be looked at
parts = { "电机" = "电机总成" }          # component = part to send
skills = { "电机" = "电机更换" }
'''


def commented(text: str) -> str:
    """Return TOML as comments: each line after ``# ``; what is a comment already keeps one more ``#``."""
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())
