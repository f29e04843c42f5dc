//! The command line: what can be asked of this binary.

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::commands::{
    accounts, audit, balance, catalogue, client, cohort, config, demo, events, evidence, export,
    figures, frameworks, governance, grading, health, hours, import, institutions, jobs, keys,
    migrate, openapi, people, programmes, reviews, rules, same_courses, serve, statement, token,
    totals, webhooks,
};
use crate::settings::Settings;

/// A continuing-education credit bank (学分银行) over one Postgres ledger.
#[derive(Debug, Parser)]
#[command(name = "creditbank", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    pub(crate) settings: Settings,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API / 启动服务
    Serve(serve::Arguments),
    /// Post an institution's transcript file / 导入成绩文件
    Import(import::Arguments),
    /// Files that the server imports in its own time / 导入任务
    #[command(subcommand)]
    Jobs(jobs::Command),
    /// Ask for the conversion of a cohort by a file / 批量转换申请
    Cohort(cohort::Arguments),
    /// Bring the database up to date / 升级数据库
    Migrate,
    /// Recompute the books and print every fault; exit 1 when there is one / 核对账目
    Audit(audit::Arguments),
    /// Take the books out for independent checking / 导出账目
    Export(export::Arguments),
    /// Print the API's OpenAPI document / 打印 OpenAPI 文档
    Openapi,
    /// Print docs/ERRORS.md: every error code with its cause and cure / 打印错误代码
    Errors,
    /// Ask a running server whether it is ready; exit 0 when it is / 健康检查
    Health(health::Arguments),
    /// What the server would work with / 设置
    #[command(subcommand)]
    Config(config::Command),
    /// Institutions / 机构
    #[command(subcommand)]
    Institutions(institutions::Command),
    /// Frameworks of levels / 等级框架
    #[command(subcommand)]
    Frameworks(frameworks::Command),
    /// The catalogue of outcomes / 成果目录
    #[command(subcommand)]
    Catalogue(catalogue::Command),
    /// Programmes of receiving institutions / 专业
    #[command(subcommand)]
    Programmes(programmes::Command),
    /// Who reviews conversion requests, in what stages, on which days / 审核安排
    #[command(subcommand)]
    Reviews(reviews::Command),
    /// Documents, meetings, and what regulators supervise / 文件、会议与监管范围
    #[command(subcommand)]
    Governance(governance::Command),
    /// Rule sets for conversions / 转换规则
    #[command(subcommand)]
    Rules(rules::Command),
    /// Courses that are one course under several names / 同课目录
    #[command(subcommand)]
    SameCourses(same_courses::Command),
    /// Hours for papers, projects and lectures by an authority's table / 学时表
    #[command(subcommand)]
    Hours(hours::Command),
    /// Grades of different schemes / 成绩对照
    #[command(subcommand)]
    Grading(grading::Command),
    /// Programs and people that call the API / 客户端
    #[command(subcommand)]
    Client(client::Command),
    /// People who act, and what they are for whom / 人员与任职
    #[command(subcommand)]
    People(people::Command),
    /// Sign an access token for a registered client / 签发访问令牌
    Token(token::Arguments),
    /// Learners' accounts / 学习账户
    #[command(subcommand)]
    Accounts(accounts::Command),
    /// The bank's keys / 密钥
    #[command(subcommand)]
    Keys(keys::Command),
    /// Print a learner's balance and movements / 打印余额与流水
    Balance(balance::Arguments),
    /// Print sums by institution, unit, category and day, or make them again / 汇总
    Totals(totals::Arguments),
    /// Print how conversion goes, by institution and month / 转换统计
    Figures(figures::Arguments),
    /// The change feed / 变更流
    #[command(subcommand)]
    Events(events::Command),
    /// Evidence of conversion requests / 佐证材料
    #[command(subcommand)]
    Evidence(evidence::Command),
    /// Where institutions are told of their events / 推送
    #[command(subcommand)]
    Webhooks(webhooks::Command),
    /// Print a learner's statement for a period / 打印对账单
    Statement(statement::Arguments),
    /// Fill a sample bank, convert a cohort, then serve / 演示
    Demo(demo::Arguments),
}

impl Cli {
    pub(crate) fn run(self) -> anyhow::Result<ExitCode> {
        let settings = &self.settings;
        match self.command {
            Command::Serve(arguments) => serve::run(settings, &arguments),
            Command::Import(arguments) => import::run(settings, &arguments),
            Command::Jobs(command) => jobs::run(settings, &command),
            Command::Cohort(arguments) => cohort::run(settings, &arguments),
            Command::Migrate => migrate::run(settings),
            Command::Audit(arguments) => audit::run(settings, &arguments),
            Command::Export(arguments) => export::run(settings, &arguments),
            Command::Openapi => openapi::run(),
            Command::Errors => openapi::run_errors(),
            Command::Health(arguments) => health::run(&arguments),
            Command::Config(command) => config::run(settings, &command),
            Command::Institutions(command) => institutions::run(settings, &command),
            Command::Frameworks(command) => frameworks::run(settings, &command),
            Command::Catalogue(command) => catalogue::run(settings, &command),
            Command::Programmes(command) => programmes::run(settings, &command),
            Command::Reviews(command) => reviews::run(settings, &command),
            Command::Governance(command) => governance::run(settings, &command),
            Command::Rules(command) => rules::run(settings, &command),
            Command::SameCourses(command) => same_courses::run(settings, &command),
            Command::Hours(command) => hours::run(settings, &command),
            Command::Grading(command) => grading::run(settings, &command),
            Command::Client(command) => client::run(settings, &command),
            Command::People(command) => people::run(settings, &command),
            Command::Token(arguments) => token::run(settings, &arguments),
            Command::Accounts(command) => accounts::run(settings, &command),
            Command::Keys(command) => keys::run(settings, &command),
            Command::Balance(arguments) => balance::run(settings, &arguments),
            Command::Totals(arguments) => totals::run(settings, &arguments),
            Command::Figures(arguments) => figures::run(settings, &arguments),
            Command::Events(command) => events::run(settings, &command),
            Command::Evidence(command) => evidence::run(settings, &command),
            Command::Webhooks(command) => webhooks::run(settings, &command),
            Command::Statement(arguments) => statement::run(settings, &arguments),
            Command::Demo(arguments) => demo::run(settings, &arguments),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        Cli::command().debug_assert();
    }
}
