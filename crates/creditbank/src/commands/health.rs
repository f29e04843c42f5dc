//! `creditbank health`: for a container's health check, so without an HTTP client of its own size.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;

use crate::output::warn_user;

const WAIT_MAX: Duration = Duration::from_secs(3);
/// Enough for the status line.
const ANSWER_BYTES_MAX: u64 = 512;

/// Which server to ask.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// Address and port of the server
    #[arg(
        long,
        env = "CREDITBANK_HEALTH_ADDRESS",
        default_value = "127.0.0.1:8080"
    )]
    address: SocketAddr,
}

/// Exit code 0 when the server answers `/health/ready` with 200, else 1.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    let address = arguments.address;
    let answer = match status_line(address) {
        Ok(line) if line.split(' ').nth(1) == Some("200") => return Ok(ExitCode::SUCCESS),
        Ok(line) => line,
        Err(error) => error.to_string(),
    };
    warn_user!("{address} 未就绪 / not ready: {answer}");
    Ok(ExitCode::FAILURE)
}

fn status_line(address: SocketAddr) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&address, WAIT_MAX)?;
    stream.set_read_timeout(Some(WAIT_MAX))?;
    stream.set_write_timeout(Some(WAIT_MAX))?;
    let request =
        format!("GET /health/ready HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES_MAX).read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer);
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    fn answered_with(status: &'static str) -> ExitCode {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 256];
            let read = stream.read(&mut request).unwrap();
            assert!(request[..read].starts_with(b"GET /health/ready HTTP/1.1\r\n"));
            stream
                .write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes())
                .unwrap();
        });
        let code = run(&Arguments { address }).unwrap();
        server.join().unwrap();
        code
    }

    #[test]
    fn only_200_is_ready() {
        assert_eq!(answered_with("200 OK"), ExitCode::SUCCESS);
        assert_eq!(answered_with("503 Service Unavailable"), ExitCode::FAILURE);
    }

    #[test]
    fn a_server_that_is_not_there_is_not_ready() {
        let address = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap();
        assert_eq!(run(&Arguments { address }).unwrap(), ExitCode::FAILURE);
    }
}
