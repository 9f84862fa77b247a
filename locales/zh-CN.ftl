## 每个页面的框架

product = 镜像仓库
navigation = 主导航
breadcrumb = 路径导航
skip-to-content = 跳到主要内容
overview = 概览
images = 镜像
projects = 项目
preferences = 首选项
language = 语言
theme = 主题
theme-system = 跟随系统
theme-light = 浅色
theme-dark = 深色
signed-in-as = 已登录为 { $name }
sign-out = 注销
request-id = 请求

## 通用词汇

not-set = 未设置
unknown = 未知
apply = 应用
copy = 复制
copy-this = 复制 { $text }
copied = 已复制
copy-failed = 浏览器不允许复制
show-all = 显示全部 { $count } 个字符
cut-off = 其余内容在此省略，完整内容请参阅原始 JSON。
count-bytes = { $count } 字节

## 时间

ago-moments = 刚刚
ago-minutes = { $count } 分钟前
ago-hours = { $count } 小时前
ago-days = { $count } 天前
ago-months = { $count } 个月前
ago-years = { $count } 年前

## 翻页

pages = 翻页
page-range = 第 { $first }–{ $last } 项，共 { $total } 项
previous-page = 上一页
next-page = 下一页

## 登录、注销和错误

sign-in = 登录
sign-in-explanation = 此控制台仅显示您的 OpenShift 帐户有权查看的内容。登录在集群中进行，控制台不会获知您的密码。
sign-in-with-openshift = 使用 OpenShift 登录
sign-in-refused = 集群拒绝了登录
sign-in-again = 重新登录
signed-out = 您已注销
signed-out-revoked = 您的访问令牌已在集群中吊销。
signed-out-not-revoked = 无法吊销您的访问令牌
signed-out-not-revoked-advice = 此控制台已不再持有该令牌，但在过期之前集群仍会接受它。管理员可以在集群中将其删除。
signed-out-shared-computer = 如果您使用的是共用计算机，请同时关闭浏览器：集群自身的登录页面可能仍记得您。
try-again = 重试
to-overview = 返回概览
