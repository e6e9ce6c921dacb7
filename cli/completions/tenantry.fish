# Completion of tenantry for fish: tenantry completion fish | source
function __tenantry_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    # A quote that is still open is the shell's, not part of the word.
    set current (string replace -r '^[\'"]' '' -- "$current")
    set -l lines ($before[1] __complete $before[2..-1] "$current" 2>/dev/null)
    set -l value $current
    set -l flag ''
    if string match -qr '^--.*=' -- "$current"
        set flag (string replace -r '=.*' '=' -- "$current")
        set value (string replace -r '^[^=]*=' '' -- "$current")
    end
    switch "$lines[1]"
        case files
            set lines '' (__fish_complete_path "$value")
        case folders
            set lines '' (__fish_complete_directories "$value")
    end
    for line in $lines[2..-1]
        echo $flag$line
    end
end
complete -c tenantry -f -a '(__tenantry_complete)'
