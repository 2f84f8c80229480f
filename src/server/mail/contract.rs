//! What every mailer does.

use super::{Mail, MailError, Mailer, file, smtp};
use lettre::message::Mailbox;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use uuid::Uuid;

fn mail(to: &str) -> Mail {
    Mail {
        id: Uuid::now_v7(),
        to: to.to_owned(),
        subject: "Confirm your address – ₹499".to_owned(),
        body: "Follow this link:\n\nhttps://box.example/verify-email?token=abc".to_owned(),
    }
}

fn from() -> Mailbox {
    "Signalbox <desk@example.com>".parse().unwrap()
}

/// Hands one over twice, as happens when nobody knows whether it arrived: the mail, and the `Message-ID` that both bear.
async fn contract(mailer: &dyn Mailer) -> (Mail, String) {
    let mail = mail("trader@example.com");
    mailer.send(&mail).await.unwrap();
    mailer.send(&mail).await.unwrap();
    let message_id = format!("<{}@example.com>", mail.id);
    (mail, message_id)
}

#[tokio::test]
async fn files() {
    let folder = tempfile::tempdir().unwrap();
    let outbox = file::Outbox::open(folder.path(), from()).unwrap();
    let (first, message_id) = contract(&outbox).await;
    let second = mail("second@example.com");
    outbox.send(&second).await.unwrap();
    assert_eq!(file::outbox(folder.path()).await.unwrap(), [second, first.clone()], "the same mail is one file");
    let written = std::fs::read(folder.path().join(format!("{}.json", first.id))).unwrap();
    let written: serde_json::Value = serde_json::from_slice(&written).unwrap();
    assert_eq!(written["message_id"], message_id);
}

#[tokio::test]
async fn smtp() {
    let (port, server) = mail_server(2).await;
    let mailer = smtp::Smtp::open(&format!("smtp://127.0.0.1:{port}"), from()).unwrap();
    let (_, message_id) = contract(&mailer).await;
    let heard = server.await.unwrap();
    assert_eq!(heard.matches(&format!("Message-ID: {message_id}")).count(), 2, "{heard}");
    assert!(heard.contains("RCPT TO:<trader@example.com>"), "{heard}");
    assert!(heard.contains("From: Signalbox <desk@example.com>"), "{heard}");
    let refused = mailer.send(&mail("no address")).await;
    assert!(matches!(refused, Err(MailError::Refused(_))), "{refused:?}");
    let gone = mailer.send(&mail("trader@example.com")).await;
    assert!(matches!(gone, Err(MailError::Later(_))), "{gone:?}");
}

/// A mail server for so many mails: what it heard.
async fn mail_server(mails: usize) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let mut heard = String::new();
        for _ in 0..mails {
            let (stream, _) = listener.accept().await.unwrap();
            heard.push_str(&take_one(stream).await);
        }
        heard
    });
    (port, server)
}

async fn take_one(stream: TcpStream) -> String {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let (mut heard, mut in_body) = (String::new(), false);
    write.write_all(b"220 box\r\n").await.unwrap();
    while let Some(line) = lines.next_line().await.unwrap() {
        heard.push_str(&line);
        heard.push('\n');
        let answer: &[u8] = match line.as_str() {
            "." => b"250 taken\r\n",
            _ if in_body => continue,
            "DATA" => {
                in_body = true;
                b"354 go on\r\n"
            }
            "QUIT" => break,
            _ => b"250 ok\r\n",
        };
        write.write_all(answer).await.unwrap();
        if answer == b"250 taken\r\n" {
            break;
        }
    }
    heard
}
