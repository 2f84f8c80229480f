//! What every mailer does.

use super::{Mail, MailError, Mailer, file, smtp};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    task::JoinHandle,
};

fn mail(to: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: "Confirm your address – ₹499".to_owned(),
        body: "Follow this link:\n\nhttps://box.example/verify-email?token=abc".to_owned(),
    }
}

/// Hands one over, and refuses what is no address without harm.
async fn contract(mailer: &dyn Mailer) {
    mailer.send(&mail("trader@example.com")).await.unwrap();
}

#[tokio::test]
async fn files() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = file::Outbox::open(&folder.path().join("outbox")).unwrap();
    contract(&outbox).await;
    outbox.send(&mail("second@example.com")).await.unwrap();
    let mails = file::outbox(&folder.path().join("outbox")).await.unwrap();
    let to: Vec<_> = mails.iter().map(|mail| mail.to.as_str()).collect();
    assert_eq!(to, ["second@example.com", "trader@example.com"]);
    assert_eq!(mails[1], mail("trader@example.com"));
}

#[tokio::test]
async fn smtp() {
    let (port, server) = mail_server().await;
    let mailer = smtp::Smtp::open(&format!("smtp://127.0.0.1:{port}"), "Signalbox <desk@example.com>").unwrap();
    contract(&mailer).await;
    let heard = server.await.unwrap();
    assert!(heard.contains("RCPT TO:<trader@example.com>"), "{heard}");
    assert!(heard.contains("From: Signalbox <desk@example.com>"), "{heard}");
    let refused = mailer.send(&mail("no address")).await;
    assert!(matches!(refused, Err(MailError::Refused(_))), "{refused:?}");
    let gone = mailer.send(&mail("trader@example.com")).await;
    assert!(matches!(gone, Err(MailError::Later(_))), "{gone:?}");
}

/// A mail server for one mail: what it heard.
async fn mail_server() -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let (mut heard, mut in_body) = (String::new(), false);
        write.write_all(b"220 box\r\n").await.unwrap();
        while let Some(line) = lines.next_line().await.unwrap() {
            heard.push_str(&line);
            heard.push('\n');
            let answer: &[u8] = match line.as_str() {
                "." => {
                    in_body = false;
                    b"250 taken\r\n"
                }
                _ if in_body => continue,
                "DATA" => {
                    in_body = true;
                    b"354 go on\r\n"
                }
                "QUIT" => break,
                "RSET" | "NOOP" => b"250 ok\r\n",
                _ => b"250 ok\r\n",
            };
            write.write_all(answer).await.unwrap();
            if answer == b"250 taken\r\n" {
                break;
            }
        }
        heard
    });
    (port, server)
}
