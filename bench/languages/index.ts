interface Order {
  readonly rounds: number;
}

export default {
  async fetch(request: Request): Promise<Response> {
    const { rounds } = (await request.json()) as Order;
    let value = 1;
    for (let round = 0; round < rounds; round++) value = (value * 75 + 74) % 65537;
    return Response.json({ rounds, value });
  },
};
