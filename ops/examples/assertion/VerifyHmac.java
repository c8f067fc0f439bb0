// Checks an assertion by HMAC in Gateway-Assertion, as verify_hmac.py does; Java 17, no library.
//     java VerifyHmac.java OUR.key ISSUER OUR-CODE     one assertion a line in, its claims or "refused" a line out
import java.nio.file.*;
import java.security.*;
import java.util.*;
import java.util.regex.*;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

public class VerifyHmac {
    static String field(String json, String name) {
        Matcher m = Pattern.compile("\"" + name + "\"\\s*:\\s*(?:\"([^\"\\\\]*)\"|([0-9]+))").matcher(json);
        if (!m.find()) throw new IllegalArgumentException(name);
        return m.group(1) != null ? m.group(1) : m.group(2);
    }

    static byte[] raw(String text) { return Base64.getUrlDecoder().decode(text); }

    static String nameOf(byte[] key) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        digest.update("kid ".getBytes("US-ASCII"));
        return Base64.getUrlEncoder().encodeToString(digest.digest(key)).substring(0, 16);
    }

    static String checked(String text, Map<String, byte[]> keys, String issuer, String ownCode) throws Exception {
        String[] part = text.split("\\.", -1);
        String head = new String(raw(part[0]), "UTF-8"), claims = new String(raw(part[1]), "UTF-8");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(keys.get(field(head, "kid")), "HmacSHA256"));
        byte[] right = mac.doFinal((part[0] + "." + part[1]).getBytes("US-ASCII"));
        long now = System.currentTimeMillis() / 1000;
        if (part.length != 3 || !MessageDigest.isEqual(right, raw(part[2])) || !field(head, "alg").equals("HS256")
            || !field(head, "typ").equals("gateway-assertion+jwt") || !field(claims, "iss").equals(issuer)
            || !field(claims, "aud").equals(ownCode) || field(claims, "request_id").isEmpty()
            || field(claims, "request_sha256").isEmpty() || Long.parseLong(field(claims, "exp")) < now - 30
            || Long.parseLong(field(claims, "iat")) > now + 30) throw new IllegalArgumentException("refused");
        return claims;
    }

    public static void main(String[] given) throws Exception {
        Map<String, byte[]> keys = new HashMap<>();
        for (String line : Files.readString(Path.of(given[0])).split("\\s+")) {
            byte[] key = Base64.getDecoder().decode(line);
            keys.put(nameOf(key), key);
        }
        for (Scanner lines = new Scanner(System.in); lines.hasNextLine();) {
            try { System.out.println(checked(lines.nextLine().strip(), keys, given[1], given[2])); }
            catch (Exception refused) { System.out.println("refused"); }
        }
    }
}
