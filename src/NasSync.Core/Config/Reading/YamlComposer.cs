using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace NasSync.Config.Reading;

/// <summary>
/// Parses YAML into nodes with positions. Refuses anchors, aliases and tags: a configuration needs none, and with them a small file can expand to a
/// huge one.
/// </summary>
internal sealed class YamlComposer
{
    private const int DeepestNesting = 32;

    private readonly string _source;
    private readonly string _text;
    private readonly ProblemList _problems;
    private readonly Parser _parser;
    private int _depth;

    private YamlComposer(string source, string text, ProblemList problems)
    {
        (_source, _text, _problems) = (source, text, problems);
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>
    /// Parses the single document of a text; null when there is none. Returns false and reports a problem when the text is not YAML.
    /// </summary>
    public static bool TryCompose(string source, string text, ProblemList problems, out Node? document)
    {
        document = null;
        var composer = new YamlComposer(source, text, problems);
        try
        {
            document = composer.Document();
            return true;
        }
        catch (SyntaxException e)
        {
            problems.Error(e.Place, "yaml", e.Message);
        }
        catch (YamlException e)
        {
            problems.Error(composer.PlaceOf(e), "yaml", composer.Explain(e));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            // YamlDotNet's scanner does not guard all its states; an unclosed flow list before a key, for example, ends in one of these exceptions.
            var last = composer.PlaceOf(composer._parser.Current?.End ?? Mark.Empty);
            problems.Error(last, "yaml", "The text after this is no YAML; look for an open bracket or quote.");
        }

        return false;
    }

    private Node? Document()
    {
        _parser.Consume<StreamStart>();
        if (_parser.TryConsume<StreamEnd>(out _)) return null;
        _parser.Consume<DocumentStart>();
        var root = Compose();
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
            throw new SyntaxException(PlaceOf(second.Start), "A second document begins here; the file must have one only.");
        return root;
    }

    private Node Compose()
    {
        if (_parser.Accept<AnchorAlias>(out var alias)) throw Refused(alias.Start, "An alias ('*name') is not supported; write the value out.");
        var next = _parser.Consume<NodeEvent>();
        if (!next.Anchor.IsEmpty) throw Refused(next.Start, "An anchor ('&name') is not supported; write the value out where it is needed.");
        if (!next.Tag.IsEmpty) throw Refused(next.Start, "A tag ('!name') is not supported; remove it.");
        if (++_depth > DeepestNesting) throw Refused(next.Start, $"The nesting is deeper than {DeepestNesting} levels; no setting is.");
        Node node = next switch
        {
            Scalar scalar => new ScalarNode(PlaceOf(scalar.Start), scalar.Value, Raw(scalar)),
            SequenceStart list => new ListNode(PlaceOf(list.Start), Items()),
            _ => new MapNode(PlaceOf(next.Start), Entries()),
        };
        _depth--;
        return node;
    }

    private List<Node> Items()
    {
        var items = new List<Node>();
        while (!_parser.TryConsume<SequenceEnd>(out _)) items.Add(Compose());
        return items;
    }

    private List<MapEntry> Entries()
    {
        var entries = new List<MapEntry>();
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            var key = Compose();
            if (key is not ScalarNode scalar) throw new SyntaxException(key.Place, $"A key must be a name, not {key.Kind}.");
            var value = Compose();
            if (lines.TryAdd(scalar.Value, scalar.Place.Line)) entries.Add(new(scalar.Value, scalar.Place, value));
            else _problems.Error(scalar.Place, scalar.Value, $"'{scalar.Value}' stands here twice, first in line {lines[scalar.Value]}; remove one.");
        }

        return entries;
    }

    private string Raw(Scalar scalar)
    {
        var (start, end) = ((int)scalar.Start.Index, (int)scalar.End.Index);
        return start <= end && end <= _text.Length ? _text[start..end] : scalar.Value;
    }

    private SyntaxException Refused(Mark mark, string message) => new(PlaceOf(mark), message);

    private Place PlaceOf(Mark mark) => new(_source, (int)mark.Line, (int)mark.Column);

    // YamlDotNet reports a tab at the start of the block that it breaks; point to the tab itself.
    private Place PlaceOf(YamlException e) => FindTab(e) ?? PlaceOf(e.Start);

    private string Explain(YamlException e)
    {
        if (FindTab(e) is not null) return "A tab cannot indent; use spaces.";
        var detail = e.Message.TrimEnd('.');
        return detail.Length == 0 ? "This is no YAML." : $"This is no YAML: {char.ToLowerInvariant(detail[0])}{detail[1..]}.";
    }

    private Place? FindTab(YamlException e)
    {
        var lines = _text.Split('\n');
        var last = Math.Min(lines.Length, Math.Max((int)e.End.Line, (int)(_parser.Current?.End.Line ?? 0)) + 1);
        for (var line = Math.Max((int)e.Start.Line, 1); line <= last; line++)
        {
            var indent = lines[line - 1].TakeWhile(c => c is ' ' or '\t').ToList();
            if (indent.IndexOf('\t') is >= 0 and var tab) return new(_source, line, tab + 1);
        }

        return null;
    }

    private sealed class SyntaxException(Place place, string message) : Exception(message)
    {
        public Place Place { get; } = place;
    }
}
