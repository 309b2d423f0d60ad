# B14: what it costs to start.

scenario_B14() {
  local rounds=$((rounds * 2)) tools=('nassync --version' 'rsync --version' 'rclone --version')
  if [ -e "$root/out/NasSync/NasSync.psd1" ]; then
    tools+=('pwsh, empty' 'pwsh, Import-Module')
  else
    say 'B14: no built module in out/NasSync (build.ps1), so Import-Module is left out'
  fi
  compare B14 'B14: start-up' none "${tools[@]}"
  goal_most B14 'nassync --version' "$(figure B14 none 'nassync --version' '$1')" 100 ms
  if [ ${#tools[@]} -gt 3 ]; then
    goal_most B14 'Import-Module beyond an empty pwsh' \
      "$(awk -v whole="$(figure B14 none 'pwsh, Import-Module' '$1')" -v empty="$(figure B14 none 'pwsh, empty' '$1')" 'BEGIN { print whole - empty }')" 150 ms
  fi
}

B14_check() { :; }
B14_command() {
  case $1 in
    *--version) read -r -a cmd <<< "$1" ;;
    *empty) cmd=(pwsh -NoProfile -NonInteractive -Command '1') ;;
    *Import-Module) cmd=(pwsh -NoProfile -NonInteractive -Command "Import-Module '$root/out/NasSync/NasSync.psd1'; 1") ;;
  esac
}
