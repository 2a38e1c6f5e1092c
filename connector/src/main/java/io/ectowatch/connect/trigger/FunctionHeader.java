package io.ectowatch.connect.trigger;

import java.util.StringJoiner;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The properties of a function other than its body that determine what it does, as a text: its language, its rights
 * and its settings.
 */
public final class FunctionHeader {

    /** The text of a function {@code p}, whose language is {@code l}. */
    public static final String SQL = """
            concat_ws(' ', l.lanname, CASE WHEN p.prokind <> 'f' THEN 'KIND ' || p.prokind::text END,
                      CASE p.provolatile WHEN 's' THEN 'STABLE' WHEN 'i' THEN 'IMMUTABLE' END,
                      CASE WHEN p.proisstrict THEN 'STRICT' END, CASE WHEN p.proleakproof THEN 'LEAKPROOF' END,
                      CASE WHEN p.proretset THEN 'SETOF' END, CASE WHEN p.prosupport <> 0 THEN 'SUPPORT' END,
                      CASE WHEN p.prosecdef THEN 'SECURITY DEFINER' END, array_to_string(p.proconfig, '; '))\
            """;

    /**
     * The roles that may call a function {@code p}, other than its owner and superusers, as an array; the empty text
     * is PUBLIC.
     */
    public static final String CALLERS_SQL = """
            ARRAY(SELECT coalesce(r.rolname, '')::text
                  FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
                  LEFT JOIN pg_roles AS r ON r.oid = a.grantee
                  WHERE a.grantee <> p.proowner AND NOT coalesce(r.rolsuper, false))\
            """;

    private static final Pattern SETTING = Pattern.compile("(?m)^SET (\\w+) = (.*?)\\s*(?:--.*)?$");

    private static final Pattern RETURNS_ROWS = Pattern.compile("\\bRETURNS (SETOF|TABLE)\\b");

    private FunctionHeader() {}

    /** The text of the properties in a CREATE FUNCTION statement. */
    public static String of(String create) {
        int begin = create.indexOf("\nLANGUAGE ");
        String header = create.substring(begin, create.indexOf("\nAS $", begin));
        StringJoiner text = new StringJoiner(" ");
        text.add(header.strip().split("\\s+")[1]);
        for (String word : new String[] {"STABLE", "IMMUTABLE", "STRICT", "LEAKPROOF"}) {
            if (header.matches("(?s).*\\b" + word + "\\b.*")) {
                text.add(word);
            }
        }
        if (RETURNS_ROWS.matcher(create.substring(0, begin)).find()) {
            text.add("SETOF");
        }
        if (header.contains("SECURITY DEFINER")) {
            text.add("SECURITY DEFINER");
        }
        StringJoiner settings = new StringJoiner("; ");
        Matcher setting = SETTING.matcher(header);
        while (setting.find()) {
            settings.add(setting.group(1) + "=" + setting.group(2).replace("'", ""));
        }
        return settings.length() == 0
                ? text.toString()
                : text.add(settings.toString()).toString();
    }
}
