import { type WebSocketHandler, websocket } from 'mayfly/sdk';
import page from './page.html';

interface Guest {
  readonly name: string;
}

/** Everybody is subscribed to this topic: spin.toml says so. */
const room = 'room';

const chat: WebSocketHandler = {
  open(connection, request) {
    const name = new URL(request.url).searchParams.get('name')?.trim();
    if (!name) return new Response('Who are you?', { status: 403 });
    connection.setState({ name });
    websocket.broadcast(room, `${name} came`);
  },
  message(connection, data) {
    websocket.broadcast(room, `${connection.getState<Guest>()?.name}: ${data}`);
  },
  close(connection) {
    websocket.broadcast(room, `${connection.getState<Guest>()?.name} left`);
  },
};

export default {
  websocket: chat,
  fetch: () => new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } }),
};
