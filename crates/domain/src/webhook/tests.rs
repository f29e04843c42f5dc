use std::net::IpAddr;

use super::*;

fn code(text: &str, network: Network) -> &'static str {
    WebhookUrl::parse(text, network).map_or_else(|fault| fault.code, |_| "")
}

#[test]
fn a_public_https_address_is_taken_in_its_canonical_form() {
    for (text, canonical) in [
        (
            "https://hooks.example.edu.cn/a?b=c",
            "https://hooks.example.edu.cn/a?b=c",
        ),
        (
            "HTTPS://Hooks.Example.edu.cn:443",
            "https://hooks.example.edu.cn/",
        ),
        (
            "https://hooks.example.edu.cn:8443/",
            "https://hooks.example.edu.cn:8443/",
        ),
        ("https://223.5.5.5/", "https://223.5.5.5/"),
        ("https://[2400:3200::1]/", "https://[2400:3200::1]/"),
    ] {
        let url = WebhookUrl::parse(text, Network::Public).unwrap();
        assert_eq!(url.as_str(), canonical);
    }
}

#[test]
fn every_disguise_of_a_private_address_is_refused() {
    for text in [
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.1./",
        "https://%31%32%37.0.0.1/",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data/",
        "https://0/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[::127.0.0.1]/",
        "https://[fe80::1]/",
        "https://[fd00::1]/",
        "https://[ff02::1]/",
        "https://[64:ff9b::10.0.0.1]/",
        "https://[2002:a00:1::]/",
    ] {
        assert_eq!(code(text, Network::Public), "WEBHOOK_URL_PRIVATE", "{text}");
        assert_eq!(code(text, Network::Any), "", "{text}");
    }
}

#[test]
fn what_is_no_address_to_send_to_is_refused_with_its_code() {
    for (text, expected) in [
        ("", "WEBHOOK_URL_MALFORMED"),
        ("hooks.example.edu.cn", "WEBHOOK_URL_MALFORMED"),
        ("https://", "WEBHOOK_URL_MALFORMED"),
        ("https://256.1.1.1/", "WEBHOOK_URL_MALFORMED"),
        ("https://[fe80::1%25eth0]/", "WEBHOOK_URL_MALFORMED"),
        ("https://a.example/#x", "WEBHOOK_URL_MALFORMED"),
        ("ftp://a.example/", "WEBHOOK_URL_NOT_HTTPS"),
        ("file:///etc/passwd", "WEBHOOK_URL_NOT_HTTPS"),
        ("https://user@a.example/", "WEBHOOK_URL_USERINFO"),
        ("https://user:word@a.example/", "WEBHOOK_URL_USERINFO"),
        ("https://@a.example/", "WEBHOOK_URL_USERINFO"),
        ("https://a.example@127.0.0.1/", "WEBHOOK_URL_USERINFO"),
    ] {
        assert_eq!(code(text, Network::Public), expected, "{text}");
        assert_eq!(code(text, Network::Any), expected, "{text}");
    }
    assert_eq!(
        code("http://a.example/", Network::Public),
        "WEBHOOK_URL_NOT_HTTPS"
    );
    assert_eq!(code("http://a.example:8080/", Network::Any), "");
    for port in [22, 80, 5432, 8080, 65535] {
        let text = format!("https://a.example:{port}/");
        assert_eq!(code(&text, Network::Public), "WEBHOOK_URL_PORT");
    }
    let long = |length| format!("https://a.example/{}", "x".repeat(length));
    assert_eq!(code(&long(1_982), Network::Public), "");
    assert_eq!(code(&long(1_983), Network::Public), "WEBHOOK_URL_MALFORMED");
}

#[test]
fn special_networks_end_where_the_registry_says() {
    let check = |inside: &[&str], outside: &[&str]| {
        for (addresses, expected) in [(inside, false), (outside, true)] {
            for text in addresses {
                let address: IpAddr = text.parse().unwrap();
                assert_eq!(is_public(address), expected, "{text}");
            }
        }
    };
    check(
        &[
            "0.255.255.255",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.255.255.255",
        ],
        &[
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "128.0.0.0",
        ],
    );
    check(
        &[
            "169.254.0.0",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.0.1",
        ],
        &[
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.169.0.0",
        ],
    );
    check(
        &[
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "240.0.0.1",
        ],
        &[
            "198.17.255.255",
            "198.20.0.0",
            "198.51.101.0",
            "203.0.114.0",
            "223.255.255.255",
        ],
    );
    check(
        &[
            "255.255.255.255",
            "::",
            "::1",
            "fc00::1",
            "fe80::1",
            "ff0e::1",
            "::ffff:8.8.8.8",
        ],
        &["2000::1", "2400:3200::1", "2001:200::1"],
    );
    check(
        &[
            "2001::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002::1",
            "3fff::1",
            "4000::1",
            "1fff::1",
        ],
        &["2001:db9::1", "2003::1", "3ffe::1", "3fff:1000::1"],
    );
}

#[test]
fn a_delivery_is_tried_ten_times_over_three_days() {
    let start = DateTime::UNIX_EPOCH;
    for jitter in [0, 200, u16::MAX] {
        let (mut now, mut attempt) = (start, 1);
        while let Some(next) = next_attempt(attempt, jitter, now) {
            let pause = next - now;
            let least = TimeDelta::seconds(PAUSES_SECONDS[usize::from(attempt) - 1]);
            assert!(
                pause >= least && pause <= least * 6 / 5,
                "{attempt}: {pause}"
            );
            (now, attempt) = (next, attempt + 1);
        }
        assert_eq!(attempt, 10);
        assert!((now - start).num_hours() >= 75 && (now - start).num_hours() <= 91);
    }
    assert_eq!(next_attempt(0, 0, start), None);
}
