//! People who do not exist.

use super::draw::Draw;

const SURNAMES: [&str; 48] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林",
    "何", "郭", "马", "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹",
    "袁", "邓", "许", "傅", "沈", "曾", "彭", "吕", "苏", "卢", "蒋", "蔡", "贾", "丁", "欧阳",
    "上官",
];

const GIVEN: [&str; 60] = [
    "安", "白", "宝", "博", "超", "晨", "诚", "春", "丹", "栋", "帆", "芳", "峰", "刚", "光", "桂",
    "海", "航", "浩", "红", "华", "慧", "佳", "健", "洁", "静", "俊", "凯", "兰", "乐", "磊", "丽",
    "林", "玲", "龙", "梅", "敏", "明", "楠", "宁", "鹏", "平", "琪", "强", "青", "琴", "瑞", "山",
    "涛", "婷", "伟", "文", "霞", "晓", "欣", "雪", "燕", "洋", "勇", "宇",
];

const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/// A name of two to four characters, all of them in GBK.
pub(super) fn name(draw: &mut Draw) -> String {
    let mut name = draw.one_of(&SURNAMES).to_owned();
    name.push_str(draw.one_of(&GIVEN));
    if !draw.once_in(3) {
        name.push_str(draw.one_of(&GIVEN));
    }
    name
}

/// A resident number in area 349900, which no authority has ever assigned.
///
/// `index` makes it different from every other one.
pub(super) fn resident_number(index: u32) -> String {
    let (year, month, day) = (1972 + index % 30, 1 + index % 12, 1 + index % 28);
    let mut number = format!("349900{year}{month:02}{day:02}{:03}", 1 + index / 28 % 999);
    let digits = number.chars().filter_map(|digit| digit.to_digit(10));
    let sum: u32 = WEIGHTS.iter().zip(digits).map(|(w, digit)| w * digit).sum();
    number.push(char::from_digit((12 - sum % 11) % 11, 10).unwrap_or('X'));
    number
}

/// The same number with another, wrong check character.
pub(super) fn mistyped(number: &str) -> String {
    let (body, check) = number.split_at(17);
    let wrong = if check == "7" { "8" } else { "7" };
    format!("{body}{wrong}")
}
