// Checks what the gateway says in Gateway-Assertion, as verify.py does; Java 17, no library.
//     java Verify.java KEYS.json ISSUER OUR-CODE     one assertion a line in, its claims or "refused" a line out
import java.math.BigInteger;
import java.nio.file.*;
import java.security.*;
import java.security.spec.*;
import java.util.*;
import java.util.regex.*;

public class Verify {
    static String field(String json, String name) {
        Matcher m = Pattern.compile("\"" + name + "\"\\s*:\\s*(?:\"([^\"\\\\]*)\"|([0-9]+))").matcher(json);
        if (!m.find()) throw new IllegalArgumentException(name);
        return m.group(1) != null ? m.group(1) : m.group(2);
    }

    static byte[] raw(String text) { return Base64.getUrlDecoder().decode(text); }

    static String checked(String text, Map<String, PublicKey> keys, String issuer, String ownCode) throws Exception {
        String[] part = text.split("\\.", -1);
        String head = new String(raw(part[0]), "UTF-8"), claims = new String(raw(part[1]), "UTF-8");
        Signature check = Signature.getInstance("SHA256withECDSAinP1363Format");
        check.initVerify(keys.get(field(head, "kid")));
        check.update((part[0] + "." + part[1]).getBytes("US-ASCII"));
        long now = System.currentTimeMillis() / 1000;
        if (part.length != 3 || !check.verify(raw(part[2])) || !field(head, "alg").equals("ES256")
            || !field(head, "typ").equals("gateway-assertion+jwt") || !field(claims, "iss").equals(issuer)
            || !field(claims, "aud").equals(ownCode) || Long.parseLong(field(claims, "exp")) < now - 30
            || Long.parseLong(field(claims, "iat")) > now + 30) throw new IllegalArgumentException("refused");
        return claims;
    }

    public static void main(String[] given) throws Exception {
        AlgorithmParameters curve = AlgorithmParameters.getInstance("EC");
        curve.init(new ECGenParameterSpec("secp256r1"));
        Map<String, PublicKey> keys = new HashMap<>();
        for (String key : Files.readString(Path.of(given[0])).split("\\}")) if (key.contains("\"kid\"")) {
            ECPoint at = new ECPoint(new BigInteger(1, raw(field(key, "x"))), new BigInteger(1, raw(field(key, "y"))));
            keys.put(field(key, "kid"), KeyFactory.getInstance("EC").generatePublic(
                new ECPublicKeySpec(at, curve.getParameterSpec(ECParameterSpec.class))));
        }
        for (Scanner lines = new Scanner(System.in); lines.hasNextLine();) {
            try { System.out.println(checked(lines.nextLine().strip(), keys, given[1], given[2])); }
            catch (Exception refused) { System.out.println("refused"); }
        }
    }
}
