//! The alliance, four technical schools and the secretariat, all of them invented.

use super::table::Table;

const HEADER: [&str; 9] = [
    "机构代码",
    "机构名称",
    "英文名称",
    "机构类型",
    "层级",
    "联盟角色",
    "加入日期",
    "统一社会信用代码",
    "可开户",
];

/// How many founded the alliance.
const FOUNDERS: u32 = 52;
const FOUNDED_ON: &str = "2020-12-24";

/// When those after the founders joined.
const JOINED_LATER: [&str; 7] = [
    "2021-03-18",
    "2021-06-25",
    "2021-09-10",
    "2021-12-03",
    "2022-03-21",
    "2022-06-15",
    "2022-09-01",
];

/// 90001 and on.
const ALLIANCE: [(&str, &str); 59] = [
    ("江临大学", "Jianglin University"),
    ("云岭理工大学", "Yunling University of Technology"),
    ("望澜师范大学", "Wanglan Normal University"),
    (
        "青阜农林大学",
        "Qingfu University of Agriculture and Forestry",
    ),
    ("松湾医科大学", "Songwan Medical University"),
    (
        "柳溪口财经大学",
        "Liuxikou University of Finance and Economics",
    ),
    ("鹿屿开放大学", "Luyu Open University"),
    ("竹泉大学", "Zhuquan University"),
    ("梅渚理工大学", "Meizhu University of Technology"),
    ("兰汀师范大学", "Lanting Normal University"),
    ("桐洲师范学院", "Tongzhou Normal College"),
    ("澄浦工程学院", "Chengpu Institute of Engineering"),
    (
        "砚陵职业技术学院",
        "Yanling Vocational and Technical College",
    ),
    ("墨池师范学院", "Mochi Normal College"),
    ("霁川工程学院", "Jichuan Institute of Engineering"),
    (
        "朔陵职业技术学院",
        "Shuoling Vocational and Technical College",
    ),
    (
        "晴峦电子信息职业学院",
        "Qingluan College of Electronics and Information",
    ),
    ("银杉师范大学", "Yinshan Normal University"),
    ("紫坞职业技术学院", "Ziwu Vocational and Technical College"),
    ("碧汀医学高等专科学校", "Biting Medical College"),
    ("丹霖商贸职业学院", "Danlin College of Business and Trade"),
    ("素川交通职业学院", "Suchuan College of Transport"),
    ("锦澜工程学院", "Jinlan Institute of Engineering"),
    ("玉潼师范学院", "Yutong Normal College"),
    (
        "衡汀职业技术学院",
        "Hengting Vocational and Technical College",
    ),
    (
        "雁渚电子信息职业学院",
        "Yanzhu College of Electronics and Information",
    ),
    (
        "鹤汀职业技术学院",
        "Heting Vocational and Technical College",
    ),
    ("鹭湾师范学院", "Luwan Normal College"),
    ("栗坞工程学院", "Liwu Institute of Engineering"),
    ("麟坡职业技术学院", "Linpo Vocational and Technical College"),
    ("桑榆商贸职业学院", "Sangyu College of Business and Trade"),
    ("星澜交通职业学院", "Xinglan College of Transport"),
    (
        "月汀职业技术学院",
        "Yueting Vocational and Technical College",
    ),
    ("海棠湾师范学院", "Haitangwan Normal College"),
    ("枫泽工程学院", "Fengze Institute of Engineering"),
    ("荷渡医学高等专科学校", "Hedu Medical College"),
    (
        "芷江湾职业技术学院",
        "Zhijiangwan Vocational and Technical College",
    ),
    (
        "沅浦电子信息职业学院",
        "Yuanpu College of Electronics and Information",
    ),
    ("漱石商贸职业学院", "Shushi College of Business and Trade"),
    ("听涛师范学院", "Tingtao Normal College"),
    (
        "观澜渡职业技术学院",
        "Guanlandu Vocational and Technical College",
    ),
    ("临皋工程学院", "Lingao Institute of Engineering"),
    ("怀川交通职业学院", "Huaichuan College of Transport"),
    ("安澜职业技术学院", "Anlan Vocational and Technical College"),
    ("永泽师范学院", "Yongze Normal College"),
    (
        "宁渚职业技术学院",
        "Ningzhu Vocational and Technical College",
    ),
    ("泰陵商贸职业学院", "Tailing College of Business and Trade"),
    ("康阜工程学院", "Kangfu Institute of Engineering"),
    ("瑞浦职业技术学院", "Ruipu Vocational and Technical College"),
    (
        "祥川电子信息职业学院",
        "Xiangchuan College of Electronics and Information",
    ),
    ("栀川师范学院", "Zhichuan Normal College"),
    (
        "景陵职业技术学院",
        "Jingling Vocational and Technical College",
    ),
    ("明湖渡交通职业学院", "Minghudu College of Transport"),
    (
        "清渚职业技术学院",
        "Qingzhu Vocational and Technical College",
    ),
    ("嘉岭工程学院", "Jialing Institute of Engineering"),
    (
        "新澜职业技术学院",
        "Xinlan Vocational and Technical College",
    ),
    (
        "启川职业技术学院",
        "Qichuan Vocational and Technical College",
    ),
    (
        "文汀职业技术学院",
        "Wenting Vocational and Technical College",
    ),
    (
        "博陵职业技术学院",
        "Boling Vocational and Technical College",
    ),
];

/// 95001 and on.
const TECHNICAL_SCHOOLS: [(&str, &str); 4] = [
    ("江临技师学院", "Jianglin Technician Institute"),
    ("云岭高级技工学校", "Yunling Senior Technical School"),
    (
        "望澜工贸技师学院",
        "Wanglan Technician Institute of Industry and Trade",
    ),
    (
        "青阜机电技工学校",
        "Qingfu Electromechanical Technical School",
    ),
];

/// The 59 colleges.
pub(super) fn alliance() -> Table {
    let mut table = Table::new(&HEADER);
    for (number, (name, english)) in (1_u32..).zip(ALLIANCE) {
        let later = number.checked_sub(FOUNDERS + 1);
        let later = later.and_then(|position| usize::try_from(position).ok());
        let joined_on = later.and_then(|position| JOINED_LATER.get(position).copied());
        let level = match number {
            1 | 2 => "国家级",
            3..=30 => "省级",
            _ => "市级",
        };
        let role = match number {
            1 => "理事长单位",
            2..=6 => "副理事长单位",
            7..=20 => "常务理事单位",
            _ => "成员单位",
        };
        let opens = if number % 29 == 0 { "否" } else { "是" };
        table.push(
            [
                &format!("{}", 90_000 + number),
                name,
                english,
                "高等院校",
                level,
                role,
                joined_on.unwrap_or(FOUNDED_ON),
                &credit_code(number),
                opens,
            ]
            .map(str::to_owned),
        );
    }
    table
}

/// Four schools outside the alliance.
pub(super) fn technical_schools() -> Table {
    let mut table = Table::new(&HEADER);
    for (number, (name, english)) in (1_u32..).zip(TECHNICAL_SCHOOLS) {
        let code = format!("{}", 95_000 + number);
        let uscc = credit_code(100 + number);
        let row = [
            &code,
            name,
            english,
            "技工院校",
            "市级",
            "非成员",
            "",
            &uscc,
            "是",
        ];
        table.push(row.map(str::to_owned));
    }
    table
}

/// Who runs the bank for the alliance.
pub(super) fn secretariat() -> Table {
    let mut table = Table::new(&HEADER);
    let row = [
        "99000",
        "江临继续教育学分银行秘书处",
        "Secretariat of the Jianglin Credit Bank",
        "秘书处",
        "省级",
        "非成员",
        "",
        "",
        "否",
    ];
    table.push(row.map(str::to_owned));
    table
}

const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const WEIGHTS: [u32; 17] = [
    1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28,
];
const INNER_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// A unified social credit code (GB 32100) in area 349900, which nobody has.
fn credit_code(number: u32) -> String {
    let organisation = format!("MY99{number:04}");
    let inner: u32 = organisation
        .chars()
        .zip(INNER_WEIGHTS)
        .map(|(character, weight)| character.to_digit(36).unwrap_or(0) * weight)
        .sum();
    let inner = match 11 - inner % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    };
    let mut code = format!("12349900{organisation}{inner}");
    let sum: u32 = code
        .chars()
        .zip(WEIGHTS)
        .map(|(character, weight)| value(character) * weight)
        .sum();
    let check = usize::try_from((31 - sum % 31) % 31).unwrap_or(0);
    code.extend(ALPHABET.chars().nth(check));
    code
}

fn value(character: char) -> u32 {
    let position = ALPHABET.chars().position(|it| it == character);
    position.and_then(|it| u32::try_from(it).ok()).unwrap_or(0)
}
