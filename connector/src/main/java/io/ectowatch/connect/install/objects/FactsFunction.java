package io.ectowatch.connect.install.objects;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.ectowatch.connect.postgres.SqlText;
import io.ectowatch.connect.protocol.ObjectNames;
import io.ectowatch.connect.trigger.FunctionTemplate;
import io.ectowatch.connect.trigger.HelperFunction;
import io.ectowatch.connect.trigger.TriggerFunction;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The function that gives the facts of one connector that only its owner may read, for the view of {@link
 * StatusObjects}. It runs with the owner's rights and returns nothing of a row's contents.
 */
final class FactsFunction {

    private static final FunctionTemplate TEMPLATE = FunctionTemplate.load("facts.sql");

    private FactsFunction() {}

    static HelperFunction of(ObjectNames names, Optional<JournalSettings> journal) {
        Map<String, String> places = new HashMap<>();
        places.put("facts", SqlText.identifier(names.schema(), names.factsFunction()));
        places.put("connector", TriggerFunction.oneLine(names.connector()));
        places.put("connector literal", SqlText.literal(names.connector()));
        places.put("schema literal", SqlText.literal(SqlText.identifier(names.schema())));
        places.put("lost literal", SqlText.literal(names.lost()));
        places.put("lease literal", SqlText.literal(names.lease()));
        places.put("ring literal", SqlText.literal(names.ring()));
        places.put("spare literal", SqlText.literal(names.spare()));
        places.put("owner", names.owner());
        places.put("owner literal", SqlText.literal(names.owner()));
        places.put("backfills", names.openBackfills());
        places.put("backfills literal", SqlText.literal(names.openBackfills()));
        places.put("watched", names.watched());
        places.put("watched literal", SqlText.literal(names.watched()));
        places.put("privileges", SqlText.literal(json(RolePrivileges.onOwnObjects(names, journal))));
        places.put(
                "max bytes",
                journal.map(settings -> Long.toString(settings.maxBytes())).orElse("NULL"));
        places.put(
                "journal tables",
                IntStream.range(0, ObjectNames.JOURNAL_TABLES + ObjectNames.SPARE_TABLES)
                        .mapToObj(table -> SqlText.literal(names.journal(table)))
                        .collect(Collectors.joining(",\n")));
        return new HelperFunction(
                names,
                names.factsFunction(),
                "()",
                TEMPLATE.fill(places, journal.isPresent() ? Set.of("durable") : Set.of()),
                List.of(StatusObjects.READERS));
    }

    private static String json(Map<String, List<String>> privileges) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            for (Map.Entry<String, List<String>> entry : privileges.entrySet()) {
                json.writeArrayFieldStart(entry.getKey());
                for (String privilege : entry.getValue()) {
                    json.writeString(privilege);
                }
                json.writeEndArray();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory cannot fail", e);
        }
        return text.toString();
    }
}
