// SPDX-License-Identifier: Apache-2.0
package io.holdfast.redis;

import java.nio.charset.StandardCharsets;
import org.redisson.client.codec.StringCodec;
import org.redisson.client.protocol.Decoder;

/** Reads no more of a message than ours can be long: what somebody else publishes must not fill our heap while it waits. */
final class MessageCodec extends StringCodec {
    static final MessageCodec INSTANCE = new MessageCodec();

    private static final Decoder<Object> DECODER = (message, state) -> {
        int length = Math.min(message.readableBytes(), WakeUp.LONGEST + 1);
        String text = message.toString(message.readerIndex(), length, StandardCharsets.UTF_8);
        message.readerIndex(message.writerIndex());
        return text;
    };

    private MessageCodec() {}

    @Override
    public Decoder<Object> getValueDecoder() {
        return DECODER;
    }
}
