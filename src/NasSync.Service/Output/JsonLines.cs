using System.Buffers;
using System.Text;
using System.Text.Json;
using NasSync.Transfers;

namespace NasSync.Service.Output;

/// <summary>Writes standard output as one JSON object per line and nothing else.</summary>
internal static class JsonLines
{
    /// <summary>Writes one object, <c>event</c> first.</summary>
    public static void Write(TextWriter output, string eventName, Action<Utf8JsonWriter> fields)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, TransferEventJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("event", eventName);
            fields(json);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    /// <summary>Writes an event of a run.</summary>
    public static void Write(TextWriter output, TransferEvent transferEvent) => output.WriteLine(TransferEventJson.ToLine(transferEvent));

    /// <summary>Writes one problem of the configuration.</summary>
    public static void Write(TextWriter output, ConfigProblem problem) => Write(output, "problem", json =>
    {
        json.WriteString("severity", TransferEventJson.Camel(problem.Severity));
        json.WriteString("source", problem.Source);
        json.WriteNumber("line", problem.Line);
        json.WriteNumber("column", problem.Column);
        json.WriteString("setting", problem.Setting);
        json.WriteString("message", problem.Message);
    });
}
