//! Connection URLs as libpq reads them.

use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::SUPERUSER;

/// Where a client connects.
#[derive(Debug, Clone)]
pub(crate) enum Address {
    /// By the socket in a private directory, without a password.
    Socket { port: u16 },
    /// By loopback, where any user of the machine can come, so with a password.
    Tcp { port: u16, password: String },
}

impl Address {
    pub(crate) fn port(&self) -> u16 {
        match self {
            Self::Socket { port } | Self::Tcp { port, .. } => *port,
        }
    }

    /// Says host, port and user in full: libpq fills what is missing from the environment.
    pub(crate) fn url(&self, socket: &Path, database: &str) -> String {
        match self {
            Self::Socket { .. } => self.url_of((SUPERUSER, ""), socket, database),
            Self::Tcp { password, .. } => self.url_of((SUPERUSER, password), socket, database),
        }
    }

    /// The same for another login; its password counts only by TCP.
    pub(crate) fn url_of(
        &self,
        (user, password): (&str, &str),
        socket: &Path,
        database: &str,
    ) -> String {
        let database = encoded(database.as_bytes());
        let user = encoded(user.as_bytes());
        match self {
            Self::Socket { port } => {
                let host = encoded(socket.as_os_str().as_bytes());
                format!("postgresql:///{database}?host={host}&port={port}&user={user}")
            }
            Self::Tcp { port, .. } => {
                format!("postgresql://{user}:{password}@127.0.0.1:{port}/{database}")
            }
        }
    }
}

fn encoded(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_directory_and_a_name_are_encoded() {
        let address = Address::Socket { port: 5432 };
        assert_eq!(
            address.url(Path::new("/tmp/学 分/s"), "a&b"),
            "postgresql:///a%26b?host=%2Ftmp%2F%E5%AD%A6%20%E5%88%86%2Fs\
             &port=5432&user=creditbank_owner"
        );
    }

    #[test]
    fn an_address_by_tcp_carries_its_password() {
        let address = Address::Tcp {
            port: 15432,
            password: "c0ffee".into(),
        };
        assert_eq!(
            address.url(Path::new("/tmp/s"), "bank"),
            "postgresql://creditbank_owner:c0ffee@127.0.0.1:15432/bank"
        );
    }
}
