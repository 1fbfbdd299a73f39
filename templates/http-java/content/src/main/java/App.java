/** A program that answers one request, as CGI has it: the host starts it for each. */
public class App {
  public static void main(String[] args) {
    System.out.print("content-type: text/plain; charset=utf-8\n\n");
    System.out.println(
        "Hello from {{project-name}}: " + System.getenv("REQUEST_METHOD") + " " + System.getenv("PATH_INFO"));
  }
}
