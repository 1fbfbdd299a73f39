import java.io.IOException;

/** TeaVM has no JSON: the one number is found by hand. */
public class App {
  public static void main(String[] args) throws IOException {
    byte[] bytes = new byte[256];
    String body = new String(bytes, 0, System.in.read(bytes));
    int rounds = Integer.parseInt(body.substring(body.indexOf(':') + 1, body.indexOf('}')).trim());
    int value = 1;
    for (int round = 0; round < rounds; round++) value = (value * 75 + 74) % 65537;
    System.out.print("content-type: application/json\n\n{\"rounds\":" + rounds + ",\"value\":" + value + "}");
  }
}
