import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The job on Kafka Streams: a running score for each lead, kept in RocksDB with a changelog topic.
 *
 * <p>Arguments: bootstrap, topic read, topic written, folder, guarantee, threads. Runs until it is stopped.
 */
public final class ScorePerLead {
    private static final String SCORES = "scores";

    public static void main(String[] arguments) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(Stores.keyValueStoreBuilder(
                Stores.persistentKeyValueStore(SCORES), Serdes.String(), Serdes.Long()).withCachingEnabled());
        builder.stream(arguments[1], Consumed.with(Serdes.String(), Serdes.ByteArray()))
                .processValues(Score::new, SCORES)
                .to(arguments[2], Produced.with(Serdes.String(), Serdes.ByteArray()));
        KafkaStreams streams = new KafkaStreams(builder.build(), settings(arguments));
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
    }

    private static Properties settings(String[] arguments) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, "peers-streams-" + arguments[4]);
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[0]);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, arguments[3]);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, arguments[4]);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, arguments[5]);
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        return settings;
    }

    /** Adds an event's points to its lead's, and passes the event on with the sum. */
    private static final class Score implements FixedKeyProcessor<String, byte[], byte[]> {
        private final ObjectMapper json = new ObjectMapper();
        private FixedKeyProcessorContext<String, byte[]> context;
        private KeyValueStore<String, Long> scores;

        @Override
        public void init(FixedKeyProcessorContext<String, byte[]> context) {
            this.context = context;
            this.scores = context.getStateStore(SCORES);
        }

        @Override
        public void process(FixedKeyRecord<String, byte[]> event) {
            try {
                ObjectNode entry = (ObjectNode) json.readTree(event.value());
                Long before = scores.get(event.key());
                long score = (before == null ? 0 : before) + entry.get("traits").get("points").asLong();
                scores.put(event.key(), score);
                entry.put("score", score);
                context.forward(event.withValue(json.writeValueAsBytes(entry)));
            } catch (IOException error) {
                throw new UncheckedIOException(error);
            }
        }
    }
}
