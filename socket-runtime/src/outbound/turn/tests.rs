//! The turns of writers, over real sockets.

use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::task::noop_waker;
use socket_protocol::CloseCode;
use socket_protocol::manifest::model::Delivery as Class;

use super::*;
use crate::frame;
use crate::outbound::{Buffered, Close, Signal, WriteHalf};

fn text(len: usize) -> Bytes {
    frame::copy(frame::TEXT, &vec![b'x'; len])
}

/// A queue with a socket, the socket's other half, and its client.
fn queue(max_bytes: usize) -> (Queue, tokio::net::tcp::OwnedReadHalf, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (server, _) = listener.accept().unwrap();
    server.set_nonblocking(true).unwrap();
    let server = tokio::net::TcpStream::from_std(server).unwrap();
    let (read, write) = server.into_split();
    let queue = Queue::new(max_bytes, 1000, &Arc::new(Buffered::new(usize::MAX)));
    queue.attach(WriteHalf::Tcp(write), true);
    (queue, read, client)
}

/// A flusher writes as soon as the runtime has seen that the socket can be written to.
async fn flushed(queue: &Queue) {
    let waker = noop_waker();
    while queue
        .poll_write(&mut Context::from_waker(&waker))
        .is_pending()
    {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn all_that_is_queued_leaves_in_one_write_and_is_counted() {
    let (queue, _read, mut client) = queue(1 << 20);
    queue.reply(text(1));
    flushed(&queue).await;
    assert_eq!(
        queue.push(text(100), Class::Reliable, None, 1),
        NextWriter::Flusher
    );
    for _ in 1..50 {
        assert_eq!(
            queue.push(text(100), Class::Reliable, None, 1),
            NextWriter::Nobody
        );
    }
    assert!(!queue.flush(Instant::now()));
    assert_eq!(queue.len(), (0, 0));
    let sent = queue.sent();
    assert_eq!((sent.traffic.messages, sent.writes), (51, 2));
    let mut all = vec![0; 3 + 50 * 102];
    client.read_exact(&mut all).unwrap();
    assert_eq!(&all[3..105], &text(100)[..]);
    // It is no longer on the list.
    assert_eq!(
        queue.push(text(1), Class::Reliable, None, 1),
        NextWriter::Flusher
    );
}

#[tokio::test]
async fn a_socket_that_takes_no_more_is_the_tasks_until_it_is_empty() {
    let (queue, _read, mut client) = queue(64 << 20);
    let mut queued = 0;
    while queue.stalled().is_none() {
        // More than a socket's buffers hold, in the end.
        let _ = queue.push(text(1 << 20), Class::Reliable, None, 1);
        queued += 1;
        queue.flush(Instant::now());
    }
    let (left, _) = queue.len();
    assert!(left > 0);
    // Nobody is to write for what comes now, and a flusher that tries does not.
    assert_eq!(
        queue.push(text(10), Class::Reliable, None, 1),
        NextWriter::Nobody
    );
    assert!(!queue.flush(Instant::now()));
    let reads = std::thread::spawn(move || {
        let mut all = vec![0; queued * text(1 << 20).len() + 12];
        client.read_exact(&mut all).unwrap();
        all
    });
    flushed(&queue).await;
    assert_eq!(queue.len(), (0, 0));
    assert_eq!(queue.stalled(), None);
    let all = reads.join().unwrap();
    let whole = text(1 << 20);
    let expected: Vec<u8> = std::iter::repeat_n(&whole[..], queued)
        .chain([&text(10)[..]])
        .flatten()
        .copied()
        .collect();
    assert!(all == expected, "bytes changed places");
    assert_eq!(
        queue.push(text(1), Class::Reliable, None, 1),
        NextWriter::Flusher
    );
}

#[tokio::test]
async fn what_comes_while_somebody_writes_stays_behind() {
    let (queue, _read, mut client) = queue(1 << 20);
    let _ = queue.push(frame::copy(frame::TEXT, b"1"), Class::Reliable, None, 1);
    let outgoing = queue.pending.lock().take().unwrap();
    assert_eq!(
        queue.push(frame::copy(frame::TEXT, b"2"), Class::Reliable, None, 1),
        NextWriter::Nobody
    );
    assert!(!queue.flush(Instant::now()), "two write at once");
    let waker = noop_waker();
    let mut cx = Context::from_waker(&waker);
    assert!(queue.poll_write(&mut cx).is_pending(), "two write at once");
    Taken::new(&queue, outgoing).give_back(NextWriter::Nobody, Instant::now());
    flushed(&queue).await;
    let mut all = [0; 6];
    client.read_exact(&mut all).unwrap();
    assert_eq!(&all, b"\x81\x011\x81\x012");
}

#[tokio::test]
async fn a_slow_consumer_that_is_being_written_to_keeps_only_its_close() {
    // The first of three is being written, and beside the bound.
    let (queue, _read, mut client) = queue(203);
    let _ = queue.push(text(100), Class::Reliable, None, 1);
    let outgoing = queue.pending.lock().take().unwrap();
    let _ = queue.push(text(100), Class::Reliable, None, 1);
    assert_eq!(
        queue.push(text(100), Class::Reliable, None, 1),
        NextWriter::Task
    );
    let waker = noop_waker();
    let signal = queue.signal(&Context::from_waker(&waker));
    let slow = Close::from(CloseCode::SlowConsumer);
    assert_eq!(signal, Some(Signal::Close(slow)));
    queue.push_last(frame::close(4404, "slow"), true);
    // Begun by nobody, so it is dropped when it comes back.
    Taken::new(&queue, outgoing).give_back(NextWriter::Nobody, Instant::now());
    flushed(&queue).await;
    let mut all = [0; 8];
    client.read_exact(&mut all).unwrap();
    assert_eq!(all, frame::close(4404, "slow")[..]);
}

#[tokio::test]
async fn a_connection_may_end_while_somebody_writes() {
    let (queue, read, mut client) = queue(1 << 20);
    let _ = queue.push(text(100), Class::Reliable, None, 1);
    let outgoing = queue.pending.lock().take().unwrap();
    let _ = queue.push(text(100), Class::Reliable, None, 1);
    queue.end();
    drop(read);
    assert_eq!(queue.len(), (0, 0));
    // Given back by a writer that knows of nothing, and by one that was dropped on the way.
    drop(Taken::new(&queue, outgoing));
    assert_eq!(
        queue.push(text(1), Class::Reliable, None, 1),
        NextWriter::Nobody
    );
    assert!(!queue.flush(Instant::now()));
    assert_eq!(
        client.read(&mut [0]).unwrap(),
        0,
        "the socket is still open"
    );
}

#[tokio::test]
async fn a_writer_that_panics_leaves_the_rest_to_the_task() {
    let (queue, _read, mut client) = queue(1 << 20);
    let _ = queue.push(text(1), Class::Reliable, None, 1);
    let outgoing = queue.pending.lock().take().unwrap();
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        let _taken = Taken::new(&queue, outgoing);
        panic!("as the test wants it");
    }));
    assert!(panicked.is_err());
    flushed(&queue).await;
    let mut all = [0; 3];
    client.read_exact(&mut all).unwrap();
    assert_eq!(all, text(1)[..]);
}

#[tokio::test]
async fn what_goes_first_stays_behind_what_is_half_written() {
    let (queue, _read, mut client) = queue(64 << 20);
    let large = text(8 << 20);
    queue.reply(large.clone());
    let waker = noop_waker();
    let mut cx = Context::from_waker(&waker);
    // More than a socket's buffers hold.
    while queue.sent().traffic.bytes == 0 {
        assert!(queue.poll_write(&mut cx).is_pending());
        tokio::task::yield_now().await;
    }
    queue.cork();
    queue.reply(text(2));
    assert!(queue.poll_write(&mut cx).is_ready());
    queue.uncork(Some(text(1)));
    let expected = [&large[..], &text(1), &text(2)].concat();
    let len = expected.len();
    let reads = std::thread::spawn(move || {
        let mut all = vec![0; len];
        client.read_exact(&mut all).unwrap();
        all
    });
    flushed(&queue).await;
    assert!(reads.join().unwrap() == expected, "bytes changed places");
}
