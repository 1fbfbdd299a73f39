// Runs app.lua once, and its function handle(method, path, body) for each request.
import { lauxlib, lua, lualib, to_luastring } from 'fengari-web';
import program from './app.lua';

const state = lauxlib.luaL_newstate();
lualib.luaL_openlibs(state);

function mustBeOk(status: number): void {
  if (status !== lua.LUA_OK) throw new Error(lua.lua_tojsstring(state, -1));
}

const code = to_luastring(program);
mustBeOk(lauxlib.luaL_loadbuffer(state, code, code.length, to_luastring('@app.lua')));
mustBeOk(lua.lua_pcall(state, 0, 0, 0));

/** The table at the top of the stack, whose keys and values are strings. */
function headersOfTable(): Headers {
  const headers = new Headers();
  lua.lua_pushnil(state);
  while (lua.lua_next(state, -2) !== 0) {
    headers.append(lua.lua_tojsstring(state, -2), lua.lua_tojsstring(state, -1));
    lua.lua_pop(state, 1);
  }
  return headers;
}

export default {
  async fetch(request: Request): Promise<Response> {
    const body = new Uint8Array(await request.arrayBuffer());
    lua.lua_getglobal(state, to_luastring('handle'));
    for (const text of [request.method, new URL(request.url).pathname]) lua.lua_pushstring(state, to_luastring(text));
    lua.lua_pushstring(state, body);
    mustBeOk(lua.lua_pcall(state, 3, 3, 0));
    const [status, answer] = [lua.lua_tonumber(state, -3), lua.lua_tostring(state, -1)];
    lua.lua_pop(state, 1);
    const headers = headersOfTable();
    lua.lua_settop(state, 0);
    return new Response(answer, { status, headers });
  },
};
