//! The address of an endpoint, as far as it can be judged without asking anybody.

use url::{Host, Url};

use super::is_public;
use crate::fault::Fault;

const CHARACTERS_MAX: usize = 2_000;

/// The ports on which a public HTTPS service is to be expected.
const PORTS: [u16; 2] = [443, 8443];

/// Where deliveries may go at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// To public addresses by HTTPS.
    Public,
    /// Anywhere, also unencrypted: for tests and closed networks.
    Any,
}

/// An address that deliveries may be sent to. What its name resolves to is judged whenever one is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookUrl(String);

impl WebhookUrl {
    /// Reads it as browsers do, so that `0x7f.1` is the address that it means.
    ///
    /// # Errors
    /// A fault that says what is wrong.
    pub fn parse(text: &str, network: Network) -> Result<Self, Fault> {
        if text.chars().count() > CHARACTERS_MAX {
            return Err(malformed());
        }
        let url = Url::parse(text).map_err(|_| malformed())?;
        let open = network == Network::Any;
        if url.scheme() != "https" && !(open && url.scheme() == "http") {
            return Err(not_https());
        }
        if !url.username().is_empty() || url.password().is_some() || text.contains('@') {
            return Err(with_userinfo());
        }
        if url.fragment().is_some() {
            return Err(malformed());
        }
        let address = match url.host() {
            None => return Err(malformed()),
            Some(Host::Domain(_)) => None,
            Some(Host::Ipv4(address)) => Some(address.into()),
            Some(Host::Ipv6(address)) => Some(address.into()),
        };
        if !open {
            if !url
                .port_or_known_default()
                .is_some_and(|port| PORTS.contains(&port))
            {
                return Err(wrong_port());
            }
            if address.is_some_and(|address| !is_public(address)) {
                return Err(private());
            }
        }
        Ok(Self(url.into()))
    }

    /// In its canonical form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn malformed() -> Fault {
    Fault::new(
        "WEBHOOK_URL_MALFORMED",
        format!("url 应为不带片段(#)的完整 https 地址,最多 {CHARACTERS_MAX} 个字符"),
        format!(
            "a url is a whole https address without a fragment, of at most {CHARACTERS_MAX} characters"
        ),
    )
}

fn not_https() -> Fault {
    Fault::new(
        "WEBHOOK_URL_NOT_HTTPS",
        "只向 https 地址推送;请为接收地址配置证书",
        "deliveries go to https addresses only; give the receiver a certificate",
    )
}

fn with_userinfo() -> Fault {
    Fault::new(
        "WEBHOOK_URL_USERINFO",
        "url 中不能有用户名、密码或 @;请用签名核验来源",
        "a url has no user name, password or @; verify the signature instead",
    )
}

fn wrong_port() -> Fault {
    Fault::new(
        "WEBHOOK_URL_PORT",
        "只向 443 或 8443 端口推送",
        "deliveries go to port 443 or 8443 only",
    )
}

fn private() -> Fault {
    Fault::new(
        "WEBHOOK_URL_PRIVATE",
        "不向内网、本机、组播或保留地址推送;请使用公网地址",
        "deliveries do not go to private, local, multicast or reserved addresses; use a public one",
    )
}
